// Events for the state machine of a job, and what it makes of them.

import type { ErrorRecord } from "@fnmesh/core";
import type { JobEffect, JobEvent, JobState } from "../job-events.ts";
import { queuedJob, stepJob } from "../job-state.ts";

const limits = { memoryMb: 512, timeoutMs: 60_000 };

/** Runs events through the machine; returns the state and all effects. */
export function play(size: number, events: readonly JobEvent[], from: JobState = queuedJob(size, limits)) {
  let state = from;
  const effects: JobEffect[] = [];
  for (const event of events) {
    const [next, more] = stepJob(state, event);
    state = next;
    effects.push(...more);
  }
  return { state, effects, types: effects.map(({ type }) => type) };
}

export const of = (rank: number, attempt = 0) => ({ rank, attempt });
export const started: JobEvent[] = [{ type: "start" }];
export const join = (rank: number, attempt = 0): JobEvent[] => [
  { type: "launched", ...of(rank, attempt) },
  { type: "joined", ...of(rank, attempt) },
];
export const running = (size: number): JobEvent[] => [
  ...started,
  ...Array.from({ length: size }, (_, rank) => join(rank)).flat(),
];
export const result = (rank: number, value: unknown = null): JobEvent => ({
  type: "result",
  ...of(rank),
  value,
});
export const failed = (rank: number, code: ErrorRecord["code"], message = code): JobEvent => ({
  type: "failed",
  ...of(rank),
  error: { code, message },
});
export const broken = (rank: number): JobEvent => ({
  type: "broken",
  ...of(rank),
  detail: "reset",
  refused: false,
});
export const exited = (
  rank: number,
  kind: "out-of-memory" | "timed-out" | "crashed" | "completed",
): JobEvent => ({
  type: "exited",
  ...of(rank),
  exit: {
    "out-of-memory": { kind: "out-of-memory", limitMb: 512 } as const,
    "timed-out": { kind: "timed-out", afterMs: 60_000 } as const,
    crashed: { kind: "crashed", detail: "SIGKILL" } as const,
    completed: { kind: "completed" } as const,
  }[kind],
});
export const settled: JobEvent = { type: "settled" };

export const errorOf = (state: JobState) =>
  "outcome" in state && state.outcome.status !== "succeeded" ? state.outcome.error : undefined;
