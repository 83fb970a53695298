// The states of a job, what can happen to it, and what is done about it: the words of the state machine in
// job-state.ts.

import type { ErrorRecord } from "@fnmesh/core";
import type { WorkerExit } from "@fnmesh/core/internal";
import type { Suspicion, WorkerLimits } from "./failure.ts";

export interface WorkerState {
  readonly attempt: number;
  readonly phase: "launching" | "launched" | "joined" | "finished" | "failed" | "gone";
  readonly exit?: WorkerExit;
  readonly broken?: { readonly detail: string; readonly refused: boolean };
}

export type Outcome =
  | { readonly status: "succeeded"; readonly result: unknown }
  | { readonly status: "failed" | "cancelled"; readonly error: ErrorRecord };

/** What is known of a job's workers. */
export interface Roster {
  readonly limits: WorkerLimits;
  readonly workers: readonly WorkerState[];
  /** What rank 0's run returned, once it has. */
  readonly result: unknown;
  /** A worker that died after its result: no failure, unless peers still needed it. */
  readonly latent?: Suspicion;
}

export type JobState =
  | { readonly phase: "queued"; readonly size: number; readonly limits: WorkerLimits }
  | ({ readonly phase: "launching" } & Roster)
  | ({ readonly phase: "running" } & Roster)
  | ({ readonly phase: "settling"; readonly suspicion: Suspicion } & Roster)
  | ({ readonly phase: "committing" } & Roster)
  | ({
      readonly phase: "ending";
      readonly outcome: Outcome;
      readonly stopped: boolean;
      readonly cleaned: boolean;
    } & Roster)
  | { readonly phase: "ended"; readonly outcome: Outcome; readonly workers: readonly WorkerState[] };

export type OfWorker = { readonly rank: number; readonly attempt: number };

export type JobEvent =
  | { readonly type: "start" }
  | ({ readonly type: "launched" } & OfWorker)
  | ({ readonly type: "launch-failed"; readonly error: ErrorRecord; readonly retryable: boolean } & OfWorker)
  | ({ readonly type: "joined" } & OfWorker)
  /** `again`: the invocation may have got lost, so another attempt may go through. */
  | ({ readonly type: "join-timeout"; readonly afterMs: number; readonly again: boolean } & OfWorker)
  | ({ readonly type: "result"; readonly value: unknown } & OfWorker)
  | ({ readonly type: "failed"; readonly error: ErrorRecord } & OfWorker)
  | ({ readonly type: "broken"; readonly detail: string; readonly refused: boolean } & OfWorker)
  | ({ readonly type: "exited"; readonly exit: WorkerExit } & OfWorker)
  /** Something that the orchestrator does for the job failed: reading input, writing output. */
  | { readonly type: "trouble"; readonly error: ErrorRecord }
  | { readonly type: "settled" }
  | { readonly type: "committed" }
  | { readonly type: "commit-failed"; readonly error: ErrorRecord }
  | { readonly type: "cancel"; readonly reason: string }
  | { readonly type: "stopped" }
  | { readonly type: "cleaned" };

export type JobEffect =
  | ({ readonly type: "launch" } & OfWorker)
  /** A worker will not talk any more: its peers have to know. */
  | { readonly type: "farewell"; readonly rank: number; readonly reason: "finished" | "lost" }
  /** "settled" is to come after this long, instead of what was asked for before. */
  | { readonly type: "settle"; readonly afterMs: number }
  | { readonly type: "commit" }
  | { readonly type: "dismiss" }
  | { readonly type: "abort"; readonly error: ErrorRecord }
  /** End all processes, by force after this long; "stopped" is to come when none is left. */
  | { readonly type: "stop"; readonly afterMs: number }
  /** Throw the output away; "cleaned" is to come. */
  | { readonly type: "discard" }
  | { readonly type: "end"; readonly outcome: Outcome };
