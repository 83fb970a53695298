// The lab's whole world: a private network, mount and process namespace in which the command runs a second time. When
// the outer process ends in any way, SIGKILL included, every process in it is ended, and with the last one the kernel
// removes every namespace, link and mount. Nothing is ever left to clean up.
//
//   outer process -> setpriv, unshare -> sh (process 1 of the sandbox) -> the command again, on the "internet"
//         '------------ lifeline --------> its watcher

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants as os } from "node:os";
import { FnmeshError } from "@fnmesh/core";
import { run, toolPath } from "./command.ts";
import { doctorHint, notInSandbox } from "./lab-errors.ts";
import { routerSettings } from "./topology.ts";

/** Set in the environment of the command that runs inside. */
export const sandboxVariable = "FNMESH_SANDBOX";

/** Whether this process runs in a sandbox that `runInSandbox` made. */
export const insideSandbox = (env: NodeJS.ProcessEnv = process.env): boolean => env[sandboxVariable] === "1";

/** What goes before a command's argv so that it runs in namespaces of its own, which end with the caller. */
export function sandboxCommand(rootless: boolean = needsUserNamespace()): readonly string[] {
  return [
    ...["setpriv", "--pdeathsig", "KILL", "--", "unshare"],
    ...(rootless ? ["--user", "--map-root-user"] : []),
    ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"],
  ];
}

/**
 * Process 1 of a sandbox. Node in this place would have no default action for signals and would not reap orphans. The
 * death signals of `setpriv` and `unshare` are set only after each has started, so a caller that dies within those
 * milliseconds would leave the sandbox alive. A pipe cannot be late: it ends with the process that holds its other end.
 */
const firstProcess = `{ read -r _ <&3; kill -s KILL -- -1; } &
exec 3<&-
"$@"
exit $?`;

/** The watcher of the lifeline is the first child of process 1, the command the second. */
const commandIndex = 1;

const capNetAdmin = 12n;
const capSysAdmin = 21n;

/** Whether this process may not make namespaces by itself, and so needs a user namespace around them. */
export function needsUserNamespace(status: string = readFileSync("/proc/self/status", "utf8")): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (capability: bigint) => (effective >> capability) & 1n;
  return !(has(capNetAdmin) && has(capSysAdmin));
}

/** A terminal's Ctrl-C, an operator's or a supervisor's end, a closed terminal, a terminal's new size. */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGWINCH"] as const;

export interface SandboxOptions {
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Called with the sandbox's process, which then has a message channel to the command, a Node process: by it, sockets
   * of this network can be handed into that one. Without it there is no channel.
   */
  readonly onChannel?: (sandbox: ChildProcess) => void;
}

/**
 * Runs a command in a new sandbox, on this process's terminal, and resolves with its exit code (128 + n where a signal
 * ended it). Signals that this process gets go to the command, once each. Rejects with LAB_UNAVAILABLE.
 *
 * @example
 * process.exitCode = await runInSandbox([process.execPath, ...process.argv.slice(1)]);
 */
export async function runInSandbox(
  argv: readonly string[],
  { env = process.env, onChannel }: SandboxOptions = {},
): Promise<number> {
  const [tool, ...rest] = [...sandboxCommand(), "sh", "-c", firstProcess, "sandbox", ...argv];
  const child = spawn(tool!, rest, {
    // The fourth is the lifeline: nothing is ever written to it.
    stdio: ["inherit", "inherit", "inherit", "pipe", ...(onChannel === undefined ? [] : ["ipc" as const])],
    env: { ...env, PATH: toolPath(env.PATH), [sandboxVariable]: "1" },
    // In a session of its own, so that the terminal's Ctrl-C comes to us alone and is passed on exactly once.
    detached: true,
  });
  onChannel?.(child);
  let endedEarly: NodeJS.Signals | undefined;
  const forward = (signal: NodeJS.Signals) => {
    const command = childOf(childOf(child.pid, 0), commandIndex);
    if (signalled(command, signal) || signal === "SIGWINCH") return;
    // The command has not started yet, or has just ended: nothing can be lost.
    endedEarly = signal;
    child.kill("SIGKILL");
  };
  for (const signal of forwarded) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (cause: NodeJS.ErrnoException) => reject(sandboxFailure(cause)));
      child.once("exit", (code, signal) => resolve(code ?? 128 + os.signals[endedEarly ?? signal!]));
    });
  } finally {
    child.stdio[3]?.destroy();
    for (const signal of forwarded) process.off(signal, forward);
  }
}

/** Whether there was such a process to send the signal to. */
function signalled(pid: number | undefined, signal: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && process.kill(pid, signal);
  } catch {
    return false; // It ended in this moment.
  }
}

function sandboxFailure(cause: NodeJS.ErrnoException): FnmeshError {
  return new FnmeshError("LAB_UNAVAILABLE", `the NAT lab's sandbox could not be started: ${cause.message}`, {
    cause,
    hint: doctorHint,
  });
}

/** A child of a process by the order in which they started, if it has so many. */
function childOf(pid: number | undefined, index: number): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[index];
    return child ? Number(child) : undefined;
  } catch {
    return undefined; // It ended in this moment.
  }
}

/** Where iproute2 keeps named namespaces. */
export const netnsDirectory = "/run/netns";

/**
 * To be called once, inside: makes the sandbox's own place for named namespaces and makes it a router. Rejects with
 * LAB_UNAVAILABLE.
 */
export async function prepareSandbox(signal?: AbortSignal): Promise<void> {
  if (!insideSandbox()) throw notInSandbox();
  const purpose = "preparing the NAT lab's sandbox";
  await run(["mount", "-t", "tmpfs", "-o", "mode=755,size=1m", "fnmesh", mountPoint()], { purpose, signal });
  mkdirSync(netnsDirectory, { recursive: true });
  for (const { path, value } of routerSettings([])) applySetting(path, value);
  await run(["ip", "link", "set", "lo", "up"], { purpose, signal });
}

/** Who may not make iproute2's directory gets a private /run. */
function mountPoint(): string {
  if (existsSync(netnsDirectory)) return netnsDirectory;
  try {
    accessSync("/run", constants.W_OK);
    mkdirSync(netnsDirectory);
    return netnsDirectory;
  } catch {
    return "/run"; // Not ours to write, as without root.
  }
}

function applySetting(path: string, value: string): void {
  const file = `/proc/sys/net/${path}`;
  // A kernel without IPv6 has none of its settings, and needs none.
  if (existsSync(file)) writeFileSync(file, value);
}
