// What became of an invocation, from what the process left behind: who ended it, its exit code or signal, its last
// words. Pure.

import type { Invocation, WorkerExit } from "@fnmesh/core/internal";
import type { Answer } from "./wire.ts";

/** Why the provider itself ended the process. */
export type Ending = "stopped" | "timed-out" | "out-of-memory";

export interface Evidence {
  readonly invocation: Pick<Invocation, "rank" | "attempt" | "timeoutMs">;
  readonly memoryMb: number;
  readonly answer: Answer | undefined;
  readonly ending: Ending | undefined;
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastLines: readonly string[];
}

const heapExhausted = /FATAL ERROR:.*(out of memory|allocation failed)/i;
/** V8 ends a process that has no heap left with SIGABRT; under a shell that is exit code 134. */
const aborted = (evidence: Evidence) => evidence.signal === "SIGABRT" || evidence.code === 134;

const shownLines = 12;

export function judge(evidence: Evidence): WorkerExit {
  const { answer, ending, invocation } = evidence;
  if (answer?.ok) return { kind: "completed" };
  if (answer !== undefined) return { kind: "crashed", detail: answer.error.message, error: answer.error };
  if (ending === "stopped") return { kind: "stopped" };
  if (ending === "timed-out") return { kind: "timed-out", afterMs: invocation.timeoutMs };
  const noHeapLeft = aborted(evidence) && evidence.lastLines.some((line) => heapExhausted.test(line));
  if (ending === "out-of-memory" || noHeapLeft) return { kind: "out-of-memory", limitMb: evidence.memoryMb };
  return crashed(evidence);
}

function crashed({ invocation, code, signal, lastLines }: Evidence): WorkerExit {
  const words = lastLines.filter((line) => line.trim() !== "").slice(-shownLines);
  const how = signal === null ? `exited with code ${code}` : `killed by ${signal}`;
  const detail = words.length === 0 ? how : `${how}; its last lines:\n${words.join("\n")}`;
  const hint = hintFor(code, signal);
  const { rank, attempt } = invocation;
  return {
    kind: "crashed",
    detail,
    error: { code: "WORKER_LOST", message: `the worker was lost: ${detail}`, hint, rank, attempt },
  };
}

function hintFor(code: number | null, signal: string | null): string {
  if (signal === "SIGKILL") {
    return "Somebody ended the process, or the kernel did for want of memory (see dmesg): try fewer workers or less --memory.";
  }
  if (signal !== null) return "A signal from outside, or a crash in native code, ended the process.";
  if (code === 0) return "The job called process.exit(): return from run() instead.";
  return "The job called process.exit() or broke the process: its last lines say more.";
}
