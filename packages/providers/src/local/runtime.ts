// The function side of the local provider: what a cloud's runtime does for a container, in small. wire.ts says how it
// is spoken to.

import { writeSync } from "node:fs";
import { type Invocation, toFnmeshError } from "@fnmesh/core/internal";
import { type Answer, answerFd, type Ready, watchParentFlag } from "./wire.ts";

const parentPollMs = 500;

export type Handle = (invocation: Invocation) => Promise<void>;

const say = (message: Answer | Ready) => void writeSync(answerFd, `${JSON.stringify(message)}\n`);
const die = () => process.kill(process.pid, "SIGKILL");

/** Serves invocations one after another until standard input ends. Takes over the process: call it once. */
export function serve(handle: Handle): void {
  let busy = false;
  const answer = (message: Answer) => {
    if (!busy) return;
    busy = false;
    say(message);
  };
  const fail = (thrown: unknown) =>
    answer({ ok: false, error: toFnmeshError(thrown, "JOB_THREW").toRecord() });
  const invoke = (invocation: Invocation) => {
    busy = true;
    handle(invocation).then(() => answer({ ok: true }), fail);
  };

  // A promise that nobody awaits, a listener that throws: the job is broken, but it can still say how.
  process.on("uncaughtException", (thrown) => {
    if (busy) return fail(thrown);
    console.error(thrown);
    die();
  });
  if (process.argv.includes(watchParentFlag)) watchParent();
  readLines((line) => invoke(JSON.parse(line) as Invocation));
  say({ ready: true });
}

function readLines(onLine: (line: string) => void): void {
  let rest = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  process.stdin.on("end", die);
  process.stdin.on("error", die);
}

/**
 * Ends this process when its parent is gone, even while the job blocks the event loop and cannot see standard input
 * end: a thread looks after it. Only where the kernel cannot do it, because a thread costs 10 ms at the start.
 */
function watchParent(): void {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const body = `const parent = ${process.ppid};
    setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), ${parentPollMs});`;
  new Worker(body, { eval: true }).unref();
}
