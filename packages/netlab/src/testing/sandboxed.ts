// Runs a scenario of the lab tests: bundles the inner program once for a test file, starts it, and takes its result.

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { scenarios } from "./scenarios.ts";

export type ScenarioName = keyof typeof scenarios;

/** A user who may not do anything; the rootless tests become it. */
export const nobody = 65_534;

export interface InnerProgram {
  /** The command that plays a scenario. */
  command(name: ScenarioName, options: object, asNobody?: boolean): readonly string[];
  remove(): void;
}

export async function bundleInnerProgram(): Promise<InnerProgram> {
  const directory = mkdtempSync(join(tmpdir(), "fnmesh-netlab-"));
  chmodSync(directory, 0o755);
  const file = join(directory, "inner.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("inner.ts", import.meta.url))],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    logLevel: "error",
  });
  const become = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", "--"];
  return {
    command: (name, options, asNobody = false) => [
      ...(asNobody ? become : []),
      ...[process.execPath, file, name, JSON.stringify(options)],
    ],
    remove: () => rmSync(directory, { recursive: true }),
  };
}

export interface Played {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The JSON lines that it wrote. */
  readonly said: readonly unknown[];
  readonly stderr: string;
}

/** Runs a command to its end. `onLine` sees each line as it comes. */
export function play(
  [tool, ...rest]: readonly string[],
  onLine: (line: unknown, child: ChildProcess) => void = () => {},
): Promise<Played> {
  return new Promise((resolve, reject) => {
    // A scenario that hangs must not outlive its test.
    const limits = { timeout: 100_000, killSignal: "SIGKILL" } as const;
    const child = spawn(tool!, rest, { stdio: ["ignore", "pipe", "pipe"], ...limits });
    const said: unknown[] = [];
    let [text, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        said.push(JSON.parse(line));
        onLine(said.at(-1), child);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, said, stderr }));
  });
}
