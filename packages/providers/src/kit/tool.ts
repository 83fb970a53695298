// A platform's own command, for what it can do better than we: it has the person's login. Nothing secret goes into its
// arguments, which others can see.

import { spawn } from "node:child_process";
import { FnmeshError } from "@fnmesh/core";
import type { Needs } from "../platform.ts";

export interface ToolCall {
  readonly tool: Needs["tools"][number];
  readonly args: readonly string[];
  /** Where it runs. */
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What it reads. */
  readonly input?: string;
  readonly signal: AbortSignal;
}

export interface ToolAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const shownLines = 8;
const mostOutput = 4 * 1024 * 1024;

/** Runs it to its end, whatever that is. Rejects with PROVIDER_UNAVAILABLE where it is not installed. */
export function runTool({ tool, args, cwd, environment, input = "", signal }: ToolCall): Promise<ToolAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool.command, args, { cwd, env: { ...environment }, stdio: "pipe", signal });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] = (texts[name] + text).slice(-mostOutput);
      });
    }
    child.once("error", (cause: NodeJS.ErrnoException) => {
      if (signal.aborted) return reject(signal.reason);
      const message = cause.code === "ENOENT" ? "is not installed" : `cannot be run: ${cause.message}`;
      const details = { cause, hint: tool.install };
      reject(new FnmeshError("PROVIDER_UNAVAILABLE", `the command ${tool.command} ${message}`, details));
    });
    child.once("close", (code) => resolve({ code: code ?? -1, ...texts }));
    child.stdin.on("error", () => {}); // It did not want to read; its exit code says whether that is bad.
    child.stdin.end(input);
  });
}

/** The same where any end but success is a failure. Rejects with DEPLOY_FAILED, which has its last lines. */
export async function runToolWell(call: ToolCall): Promise<string> {
  const { code, stdout, stderr } = await runTool(call);
  if (code === 0) return stdout;
  const lines = (stderr.trim() || stdout.trim()).split("\n").slice(-shownLines).join("\n");
  const what = [call.tool.command, ...call.args.slice(0, 3)].join(" ");
  throw new FnmeshError("DEPLOY_FAILED", `\`${what} …\` ended with ${code}:\n${lines}`, {
    hint: "What the command says above is the platform's own word.",
  });
}
