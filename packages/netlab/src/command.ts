// Runs the system's own tools (ip, nft, unshare, …) and turns their failures into errors that say what to do.

import { spawn } from "node:child_process";
import { FnmeshError } from "@fnmesh/core";
import { cancelled, doctorHint } from "./lab-errors.ts";

/** Which Debian package brings a tool; other distributions use the same names. */
export const toolPackages = {
  ip: "iproute2",
  nft: "nftables",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
} as const;

/** Tools that only some labs need. */
const furtherPackages: Readonly<Record<string, string>> = { tc: "iproute2" };

/** An ordinary user's PATH often lacks the places where `ip` and `nft` are. */
export function toolPath(path = process.env.PATH ?? ""): string {
  const dirs = path.split(":").filter((dir) => dir !== "");
  return [...new Set([...dirs, "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])].join(":");
}

export interface CommandOptions {
  /** Goes to the command's standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  /** What was being done, for the error: "making the links of the NAT lab". */
  readonly purpose: string;
}

/** Far more than the slowest step of the largest lab takes: a command that is not done by then hangs. */
const commandTimeoutMs = 60_000;

/**
 * Runs one command to its end and returns what it wrote. Rejects with LAB_UNAVAILABLE (the tool's own words in the
 * message) or CANCELLED.
 *
 * @example
 * await run(["ip", "-batch", "-"], { input: "link set lo up\n", purpose: "starting the loopback interface" });
 */
export async function run(argv: readonly string[], options: CommandOptions): Promise<string> {
  const { signal: cancel, purpose, input = "" } = options;
  if (cancel?.aborted) throw cancelled(cancel, purpose);
  const deadline = AbortSignal.timeout(commandTimeoutMs);
  const signal = cancel === undefined ? deadline : AbortSignal.any([deadline, cancel]);
  const { code, stdout, stderr, failure } = await runToEnd(argv, input, signal);
  if (cancel?.aborted) throw cancelled(cancel, purpose);
  if (failure !== undefined) throw startFailure(argv[0]!, purpose, failure);
  if (code === 0) return stdout;
  const words = explain(stderr.trim(), input) || `${argv[0]} ended with exit code ${code}`;
  throw new FnmeshError("LAB_UNAVAILABLE", `${purpose} failed: ${words}`, { hint: doctorHint });
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it could not be started, or had to be killed. */
  readonly failure: NodeJS.ErrnoException | undefined;
}

/** Resolves when the command and all that it started have ended, killed or not. */
function runToEnd(argv: readonly string[], input: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      env: { ...process.env, PATH: toolPath(), LC_ALL: "C" },
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    let failure: NodeJS.ErrnoException | undefined;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", (error) => {
      failure = error;
    });
    child.once("close", (code) => resolve({ code, stdout, stderr, failure }));
    // A command that ends before it has read its input breaks the pipe; its exit code and stderr tell why.
    child.stdin.once("error", () => {});
    child.stdin.end(input);
  });
}

/** `ip -batch` names a failed line by its number; a person needs its text. */
const explain = (stderr: string, input: string) =>
  stderr.replace(/^Command failed -:(\d+)$/gm, (words, line) => {
    const text = input.split("\n")[Number(line) - 1];
    return text === undefined ? words : `in: ${text}`;
  });

function startFailure(tool: string, purpose: string, cause: NodeJS.ErrnoException): FnmeshError {
  const lacking = toolPackages[tool as keyof typeof toolPackages] ?? furtherPackages[tool];
  if (cause.code === "ENOENT" && lacking !== undefined)
    return new FnmeshError("LAB_UNAVAILABLE", `${purpose} needs \`${tool}\`, which is not installed`, {
      cause,
      hint: installHint(lacking),
    });
  const why = cause.name === "AbortError" ? `no end after ${commandTimeoutMs / 1_000} s` : cause.message;
  return new FnmeshError("LAB_UNAVAILABLE", `${purpose} failed: ${tool}: ${why}`, {
    cause,
    hint: doctorHint,
  });
}

export const installHint = (name: string) => `Install the package ${name}, for example: apt install ${name}`;
