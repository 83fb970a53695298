// Runs the system's own tools (ip, nft, unshare, …) and turns their failures into errors that say what to do.

import { spawn } from "node:child_process";
import { FnmeshError } from "@fnmesh/core";

/** Which Debian package brings a tool; other distributions use the same names. */
export const toolPackages = {
  ip: "iproute2",
  nft: "nftables",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
  mount: "mount",
} as const;

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
  const deadline = AbortSignal.timeout(commandTimeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  if (signal.aborted) throw cancelled(options);
  const ended = await runToEnd(argv, options.input ?? "", signal).catch((cause: NodeJS.ErrnoException) => {
    if (options.signal?.aborted) throw cancelled(options);
    throw startFailure(argv[0]!, options.purpose, cause);
  });
  if (ended.code === 0) return ended.stdout;
  if (options.signal?.aborted) throw cancelled(options);
  throw commandFailure(argv[0]!, options.purpose, ended.stderr.trim() || `exit code ${ended.code}`);
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runToEnd(argv: readonly string[], input: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      env: { ...process.env, PATH: toolPath(), LC_ALL: "C" },
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      killSignal: "SIGKILL",
    });
    const written = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      written.stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...written }));
    // A command that ends before it has read its input breaks the pipe; its exit code and stderr tell why.
    child.stdin.once("error", () => {});
    child.stdin.end(input);
  });
}

function cancelled({ signal, purpose }: CommandOptions): FnmeshError {
  if (signal?.reason instanceof FnmeshError) return signal.reason;
  return new FnmeshError("CANCELLED", `${purpose} was cancelled`, { cause: signal?.reason });
}

function startFailure(tool: string, purpose: string, cause: NodeJS.ErrnoException): FnmeshError {
  const lacking = toolPackages[tool as keyof typeof toolPackages];
  if (cause.code === "ENOENT" && lacking !== undefined)
    return new FnmeshError("LAB_UNAVAILABLE", `${purpose} needs \`${tool}\`, which is not installed`, {
      cause,
      hint: installHint(lacking),
    });
  const message = `${purpose} failed: ${tool}: ${cause.name === "AbortError" ? "no end in sight" : cause.message}`;
  return new FnmeshError("LAB_UNAVAILABLE", message, { cause, hint: doctorHint });
}

const commandFailure = (tool: string, purpose: string, words: string) =>
  new FnmeshError("LAB_UNAVAILABLE", `${purpose} failed: ${tool}: ${words}`, { hint: doctorHint });

export const installHint = (name: string) => `Install the package ${name}, for example: apt install ${name}`;

const doctorHint = "`fnmesh doctor` says what this machine lacks; `--nat none` runs without a NAT lab.";
