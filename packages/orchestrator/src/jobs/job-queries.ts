// Questions that the rest of the orchestrator has to a job's state. Pure.

import type { JobStatus } from "./job.ts";
import type { JobState, WorkerState } from "./job-events.ts";

const statuses: Readonly<Record<Exclude<JobState["phase"], "ended">, JobStatus>> = {
  queued: "queued",
  launching: "launching",
  running: "running",
  settling: "running",
  committing: "running",
  // A job that ends still runs: its outcome is told when nothing of it is left.
  ending: "running",
};

export const statusOf = (state: JobState): JobStatus =>
  state.phase === "ended" ? state.outcome.status : statuses[state.phase];

function workerOf(state: JobState, rank: number): WorkerState | undefined {
  if (state.phase === "queued" || state.phase === "ending" || state.phase === "ended") return undefined;
  return state.workers[rank];
}

/** The attempt of a rank whose connections belong to the job now; undefined when none does. */
export function currentAttempt(state: JobState, rank: number): number | undefined {
  const worker = workerOf(state, rank);
  return worker === undefined || worker.phase === "gone" ? undefined : worker.attempt;
}

/** Whether that attempt is awaited: it has not joined before. */
export function mayJoin(state: JobState, rank: number, attempt: number): boolean {
  const worker = workerOf(state, rank);
  if (worker?.attempt !== attempt) return false;
  return worker.phase === "launching" || worker.phase === "launched";
}

export const hasFinished = (state: JobState, rank: number): boolean =>
  "workers" in state && state.workers[rank]?.phase === "finished";
