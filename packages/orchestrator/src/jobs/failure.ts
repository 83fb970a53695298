// Which of several things that went wrong is the one to name. Pure.
//
// When a worker dies, its peers often fail first, or loudest: PEER_LOST here, a closed connection there. So every
// piece of evidence has a weight, and the light ones are believed only if nothing heavier comes within a moment.

import type { ErrorCode, ErrorRecord } from "@fnmesh/core";
import type { WorkerExit } from "@fnmesh/core/internal";

export interface Suspicion {
  readonly rank: number | undefined;
  readonly error: ErrorRecord;
  readonly weight: number;
  /** How long to wait for something heavier; 0: this is the cause. */
  readonly settleMs: number;
}

/** What follows from another worker's end rather than being one. */
const secondary: ReadonlySet<ErrorCode> = new Set(["PEER_LOST", "PEER_FINISHED", "CLOSED", "CANCELLED"]);
/** What only the platform or the orchestrator itself can know, and nothing else explains. */
const certain: ReadonlySet<ErrorCode> = new Set([
  "OUT_OF_MEMORY",
  "WORKER_TIMEOUT",
  "OUTPUT_UNWRITABLE",
  "INPUT_UNREADABLE",
  "LAUNCH_FAILED",
  "JOIN_TIMEOUT",
  "INIT_FAILED",
  "THROTTLED",
  "NOT_DEPLOYED",
  "PLATFORM_AUTH",
]);

const weights = { secondary: 1, ownError: 2, lost: 3, certain: 4 } as const;
/** The news of a dead worker takes about a round trip to all others, and a moment on a busy machine. */
const secondarySettleMs = 1000;
/** A job may catch PEER_LOST and throw its own error: the death behind it shows within this. */
const ownErrorSettleMs = 250;
/** The platform's word on why a worker is gone comes after its connection broke, or a little before. */
const lostSettleMs = 1000;

export interface WorkerLimits {
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** How long the platform's word on a lost worker may take. Absent: it comes with the end of its process. */
  readonly verdictMs?: number | undefined;
}

/** An error that the job, or the orchestrator on its behalf, has met. */
export function suspect(error: ErrorRecord, rank: number | undefined): Suspicion {
  if (secondary.has(error.code)) {
    return { rank, error, weight: weights.secondary, settleMs: secondarySettleMs };
  }
  if (certain.has(error.code)) return { rank, error, weight: weights.certain, settleMs: 0 };
  return { rank, error, weight: weights.ownError, settleMs: ownErrorSettleMs };
}

/** What is known of a worker that has gone before its result. */
export interface Departure {
  readonly rank: number;
  readonly attempt: number;
  /** What the platform says of its process; undefined while that is not known. */
  readonly exit: WorkerExit | undefined;
  /** How its control connection ended; undefined while it stands or never was. */
  readonly broken: { readonly detail: string; readonly refused: boolean } | undefined;
}

export function suspectDeparture(departure: Departure, limits: WorkerLimits): Suspicion {
  const { rank, attempt, exit, broken } = departure;
  if (broken?.refused) {
    const error = {
      code: "PROTOCOL",
      message: `worker ${rank} was cut off: ${broken.detail}`,
      rank,
      attempt,
    };
    return { rank, error: error as ErrorRecord, weight: weights.lost, settleMs: 0 };
  }
  if (exit === undefined) {
    const message = `worker ${rank} is gone: ${broken?.detail ?? "its connection broke"}`;
    const error: ErrorRecord = { code: "WORKER_LOST", message, hint: lostHint, rank, attempt };
    return { rank, error, weight: weights.lost, settleMs: limits.verdictMs ?? lostSettleMs };
  }
  const error = { ...exitError(rank, exit, limits), rank, attempt };
  if (certain.has(error.code)) return { rank, error, weight: weights.certain, settleMs: 0 };
  // While the connection stands, the worker's own account may still be in it.
  return { rank, error, weight: weights.lost, settleMs: broken === undefined ? lostSettleMs : 0 };
}

/** A word from the same worker explains the one before it; another worker's has to weigh more. */
export const heavier = (current: Suspicion, next: Suspicion): Suspicion =>
  next.weight > current.weight || (next.rank !== undefined && next.rank === current.rank) ? next : current;

const lostHint =
  "It was killed, crashed or lost its network; its log may say more. A second run may go through.";

/** The error that a worker's exit before its result is. */
export function exitError(rank: number, exit: WorkerExit, limits: WorkerLimits): ErrorRecord {
  switch (exit.kind) {
    case "out-of-memory":
      return {
        code: "OUT_OF_MEMORY",
        message: `worker ${rank} ran out of memory: it may use ${exit.limitMb} MB`,
        hint: "Give each worker more with --memory, use more workers, or hold less at once: read input in chunks.",
      };
    case "timed-out":
      return {
        code: "WORKER_TIMEOUT",
        message: `worker ${rank} was ended after ${seconds(exit.afterMs)}: the time limit is ${seconds(limits.timeoutMs)}`,
        hint: "Raise --timeout or use more workers; if the job hangs, look for a receive that nobody answers.",
      };
    case "init-failed":
      return {
        code: "INIT_FAILED",
        message: `worker ${rank}'s function did not start: ${exit.detail}`,
        hint: "What is deployed there cannot be loaded: deploy it again from this release.",
      };
    case "stopped":
      return {
        code: "WORKER_LOST",
        message: `worker ${rank} was stopped by somebody else`,
        hint: lostHint,
      };
    case "completed":
      return {
        code: "WORKER_LOST",
        message: `worker ${rank} ended without a result`,
        hint: "Its process ended while the job's run was not done: does the job call process.exit?",
      };
    case "crashed":
      return (
        exit.error ?? { code: "WORKER_LOST", message: `worker ${rank} died: ${exit.detail}`, hint: lostHint }
      );
  }
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
