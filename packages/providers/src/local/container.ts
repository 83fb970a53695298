// One worker's process: its start, its streams, the invocations it is given, and its end. It knows nothing of limits.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { FnmeshError } from "@fnmesh/core";
import type { Invocation } from "@fnmesh/core/internal";
import { splitLines, tail } from "./lines.ts";
import { type Answer, answerFd, type Ready } from "./wire.ts";

/** How long the pipes of a process that has ended may stay open, in the hands of some grandchild. */
const drainMs = 1_000;
/** Longer than any error record: its message and stack are at most 64 KiB each on the wire. */
const mostAnswerCharacters = 1024 * 1024;
/** When the machine runs out of memory, the kernel shall take a worker rather than the orchestrator. */
const outOfMemoryScore = "500";

export interface ContainerOptions {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** A line that the process printed, with the rank that it serves. */
  readonly onLine: (rank: number, stream: "stdout" | "stderr", line: string) => void;
}

export interface ContainerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastLines: readonly string[];
}

export interface Container {
  readonly pid: number;
  /** The code is loaded, or the process has ended. */
  readonly ready: Promise<void>;
  /** The process is gone and its output is read. */
  readonly ended: Promise<ContainerEnd>;
  /** One at a time. Undefined: the process ended without an answer. */
  invoke(invocation: Invocation): Promise<Answer | undefined>;
  /** Ends the process, and those it started, at once. */
  kill(): void;
}

/** Starts a process. Rejects with LAUNCH_FAILED. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const child = await start(options);
  const pid = child.pid!;
  let rank = -1;
  const ended = watchEnd(child, (stream, line) => options.onLine(rank, stream, line));
  const answers = readAnswers(child.stdio[answerFd] as Readable);
  // Best effort: it only orders whom the kernel picks, and not every platform has it.
  writeFile(`/proc/${pid}/oom_score_adj`, outOfMemoryScore, () => {});

  return {
    pid,
    ready: Promise.race([answers.ready, ended]).then(() => {}),
    ended,
    async invoke(invocation) {
      rank = invocation.rank;
      const answer = answers.next();
      child.stdin?.write(`${JSON.stringify(invocation)}\n`);
      return await Promise.race([answer, ended.then(() => undefined)]);
    },
    kill: () => killGroup(pid),
  };
}

async function start({ command, environment }: ContainerOptions): Promise<ChildProcess> {
  const [file, ...args] = command;
  try {
    const child = spawn(file!, args, {
      env: environment,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C in the terminal is for the command, which then ends the job in good order.
      detached: true,
    });
    if (child.pid === undefined) throw (await once(child, "error"))[0];
    return child;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const hint =
      code === "ENOENT"
        ? `Check that ${file} is installed.`
        : "The machine may have no room for more processes: try fewer workers.";
    throw new FnmeshError("LAUNCH_FAILED", `a worker's process cannot start: ${message}`, { cause, hint });
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
}

function watchEnd(
  child: ChildProcess,
  onLine: (stream: "stdout" | "stderr", line: string) => void,
): Promise<ContainerEnd> {
  const last = tail();
  const stdout = splitLines((line) => onLine("stdout", line));
  const stderr = splitLines((line) => {
    last.add(line);
    onLine("stderr", line);
  });
  child.stdout?.on("data", stdout.push).on("end", stdout.end);
  child.stderr?.on("data", stderr.push).on("end", stderr.end);
  // A write to a process that has just ended fails; its end is reported anyway.
  (child.stdin as Writable | null)?.on("error", () => {});

  child.once("exit", () => {
    if (child.pid !== undefined) killGroup(child.pid);
    const destroy = () => {
      for (const stream of child.stdio) stream?.destroy();
    };
    const drained = setTimeout(destroy, drainMs);
    child.once("close", () => clearTimeout(drained));
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, lastLines: last.lines() }));
  });
}

/** What comes on the answer descriptor, one JSON line each. */
function readAnswers(stream: Readable) {
  let take: (answer: Answer) => void = () => {};
  let becomeReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const lines = splitLines((line) => {
    const message = parse(line);
    if (message === undefined) return;
    if ("ready" in message) becomeReady();
    else take(message);
  }, mostAnswerCharacters);
  stream.on("data", lines.push);
  return {
    ready,
    next: () =>
      new Promise<Answer>((resolve) => {
        take = resolve;
      }),
  };
}

function parse(line: string): Answer | Ready | undefined {
  try {
    return JSON.parse(line);
  } catch {
    // Something else in the process wrote to descriptor 3. Without a true answer its end will be judged.
    return undefined;
  }
}
