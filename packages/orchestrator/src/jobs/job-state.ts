// A job's life, as a pure state machine: step(state, event) gives the next state and what is to be done.
// The driver (job-runner.ts) does it.
//
//   queued --> launching --> running --> committing --> ending --> ended
//                  |            |   \                      ^
//                  '------------'----> settling -----------'     (something failed: what was the cause?)

import type { ErrorRecord } from "@fnmesh/core";
import { heavier, type Suspicion, suspect, suspectDeparture, type WorkerLimits } from "./failure.ts";
import type { JobEffect, JobEvent, JobState, OfWorker, Outcome, Roster, WorkerState } from "./job-events.ts";

export type JobStep = readonly [JobState, readonly JobEffect[]];

/** A worker that was told to stop closes what it has open; more than a moment is of no use to a dead job. */
export const abortGraceMs = 1000;
/** After success a worker sends its last telemetry and ends by itself. */
export const dismissGraceMs = 2000;
/** The second launch of a rank is its last. */
const lastLaunchAttempt = 1;

export const queuedJob = (size: number, limits: WorkerLimits): JobState => ({
  phase: "queued",
  size,
  limits,
});

type Active = Extract<JobState, { phase: "launching" | "running" | "settling" }>;

export function stepJob(state: JobState, event: JobEvent): JobStep {
  switch (state.phase) {
    case "queued":
      return stepQueued(state, event);
    case "launching":
    case "running":
    case "settling":
      return stepActive(state, event);
    case "committing":
      return stepCommitting(state, event);
    case "ending":
      return stepEnding(state, event);
    case "ended":
      return [state, []];
  }
}

function stepQueued(state: Extract<JobState, { phase: "queued" }>, event: JobEvent): JobStep {
  if (event.type === "cancel" || event.type === "trouble") {
    const roster: Roster = { limits: state.limits, workers: [], result: null };
    const outcome =
      event.type === "cancel" ? cancelled(event.reason) : ({ status: "failed", error: event.error } as const);
    return fail({ phase: "launching", ...roster }, outcome);
  }
  if (event.type !== "start") return [state, []];
  const workers = Array.from({ length: state.size }, (): WorkerState => ({ attempt: 0, phase: "launching" }));
  return [
    { phase: "launching", limits: state.limits, workers, result: null },
    workers.map((_, rank): JobEffect => ({ type: "launch", rank, attempt: 0 })),
  ];
}

function stepActive(state: Active, event: JobEvent): JobStep {
  if ("rank" in event) {
    // What an older attempt does is nothing any more.
    if (state.workers[event.rank]?.attempt !== event.attempt) return [state, []];
    return stepWorker(state, event);
  }
  switch (event.type) {
    case "trouble":
      return weigh(state, suspect(event.error, event.error.rank));
    case "settled":
      return state.phase === "settling" ? convict(state) : [state, []];
    case "cancel":
      return fail(state, cancelled(event.reason));
    default:
      return [state, []];
  }
}

function stepWorker(state: Active, event: Extract<JobEvent, OfWorker>): JobStep {
  const { rank, attempt } = event;
  const { phase } = state.workers[rank]!;
  switch (event.type) {
    case "launched":
      return phase === "launching" ? [withWorker(state, rank, { phase: "launched" }), []] : [state, []];
    case "launch-failed":
      return event.retryable
        ? relaunch(state, rank, event.error)
        : weigh(withWorker(state, rank, { phase: "gone" }), suspect(event.error, rank));
    case "joined":
      return phase === "launching" || phase === "launched" ? onJoined(state, rank) : [state, []];
    case "join-timeout": {
      if (phase !== "launched") return [state, []];
      const error = joinTimeout(rank, attempt, event.afterMs);
      // While another's loss is looked into, silence is no evidence: this one may only be slow.
      return event.again ? launchAgain(state, rank) : weigh(state, suspect(error, rank));
    }
    case "result":
      return phase === "joined" ? onResult(state, rank, event.value) : [state, []];
    case "failed":
      if (phase !== "joined") return [state, []];
      return weigh(
        withWorker(state, rank, { phase: "failed" }),
        suspect({ ...event.error, rank, attempt }, rank),
      );
    case "broken":
      return onGone(
        withWorker(state, rank, { broken: { detail: event.detail, refused: event.refused } }),
        rank,
      );
    case "exited":
      return onGone(withWorker(state, rank, { exit: event.exit }), rank);
  }
}

function onJoined(before: Active, rank: number): JobStep {
  const state = withWorker(before, rank, { phase: "joined" });
  return [state.phase === "launching" ? unsuspected(state) : state, []];
}

function unsuspected({
  limits,
  workers,
  result,
}: Roster): Extract<JobState, { phase: "launching" | "running" }> {
  const joining = workers.some(({ phase }) => phase === "launching" || phase === "launched");
  return { phase: joining ? "launching" : "running", limits, workers, result };
}

function onResult(before: Active, rank: number, value: unknown): JobStep {
  const finished = withWorker(before, rank, { phase: "finished" });
  const state = rank === 0 ? { ...finished, result: value } : finished;
  const farewell: JobEffect = { type: "farewell", rank, reason: "finished" };
  const all = state.workers.every(({ phase }) => phase === "finished");
  // Its process was seen to end before its result was read: it is not lost.
  const cleared = state.phase === "settling" && state.suspicion.rank === rank;
  if (!all) return [cleared ? unsuspected(state) : state, [farewell]];
  const { limits, workers, result } = state;
  return [{ phase: "committing", limits, workers, result }, [farewell, { type: "commit" }]];
}

/** A worker's process or connection ended. */
function onGone(state: Active, rank: number): JobStep {
  const { phase, attempt, exit, broken } = state.workers[rank]!;
  const suspicion = suspectDeparture({ rank, attempt, exit, broken }, state.limits);
  switch (phase) {
    case "joined":
    case "gone": {
      const gone = withWorker(state, rank, broken === undefined ? {} : { phase: "gone" });
      const [next, effects] = weigh(gone, suspicion);
      const left = phase === "joined" && broken !== undefined;
      return [next, left ? [{ type: "farewell", rank, reason: "lost" }, ...effects] : effects];
    }
    case "finished":
      return [exit === undefined || exit.kind === "completed" ? state : { ...state, latent: suspicion }, []];
    case "failed":
      return [state, []]; // It has said why.
    default:
      // Before it joined: a crash may be the platform's, the rest is not mended by a second try.
      return exit?.kind === "crashed" && exit.error === undefined
        ? relaunch(state, rank, suspicion.error)
        : weigh(withWorker(state, rank, { phase: "gone" }), { ...suspicion, settleMs: 0 });
  }
}

function relaunch(state: Active, rank: number, error: ErrorRecord): JobStep {
  const { attempt } = state.workers[rank]!;
  if (attempt >= lastLaunchAttempt || state.phase === "settling") {
    const certain = { ...suspect(error, rank), settleMs: 0 };
    return weigh(withWorker(state, rank, { phase: "gone" }), certain);
  }
  return launchAgain(state, rank);
}

function launchAgain(state: Active, rank: number): JobStep {
  const { attempt } = state.workers[rank]!;
  const workers = state.workers.with(rank, { attempt: attempt + 1, phase: "launching" });
  return [{ ...state, workers }, [{ type: "launch", rank, attempt: attempt + 1 }]];
}

/** Adds a piece of evidence, and waits for more unless it is the cause beyond doubt. */
function weigh(state: Active, suspicion: Suspicion): JobStep {
  const before = state.phase === "settling" ? state.suspicion : undefined;
  const heaviest = before === undefined ? suspicion : heavier(before, suspicion);
  const next: JobState = { ...state, phase: "settling", suspicion: heaviest };
  if (heaviest.settleMs === 0) return convict(next);
  return [next, heaviest === before ? [] : [{ type: "settle", afterMs: heaviest.settleMs }]];
}

function convict(state: Extract<JobState, { phase: "settling" }>): JobStep {
  const { suspicion, latent } = state;
  const cause = latent === undefined ? suspicion : heavier(suspicion, latent);
  return fail(state, { status: "failed", error: cause.error });
}

function fail(state: Roster & { phase: string }, outcome: Extract<Outcome, { error: ErrorRecord }>): JobStep {
  const { limits, workers, result } = state;
  return [
    { phase: "ending", limits, workers, result, outcome, stopped: false, cleaned: false },
    [{ type: "abort", error: outcome.error }, { type: "stop", afterMs: abortGraceMs }, { type: "discard" }],
  ];
}

function stepCommitting(state: Extract<JobState, { phase: "committing" }>, event: JobEvent): JobStep {
  if (event.type === "commit-failed") return fail(state, { status: "failed", error: event.error });
  // Anything else comes too late: the results are in, and a commit is not undone.
  if (event.type !== "committed") return [state, []];
  const outcome: Outcome = { status: "succeeded", result: state.result };
  return [
    { ...state, phase: "ending", outcome, stopped: false, cleaned: true },
    [{ type: "dismiss" }, { type: "stop", afterMs: dismissGraceMs }],
  ];
}

function stepEnding(before: Extract<JobState, { phase: "ending" }>, event: JobEvent): JobStep {
  const state = {
    ...before,
    stopped: before.stopped || event.type === "stopped",
    cleaned: before.cleaned || event.type === "cleaned",
  };
  if (!state.stopped || !state.cleaned) return [state, []];
  const { outcome, workers } = state;
  return [{ phase: "ended", outcome, workers }, [{ type: "end", outcome }]];
}

const withWorker = <S extends Active>(state: S, rank: number, change: Partial<WorkerState>): S => ({
  ...state,
  workers: state.workers.with(rank, { ...state.workers[rank]!, ...change }),
});

const cancelled = (reason: string): Extract<Outcome, { error: ErrorRecord }> => ({
  status: "cancelled",
  error: { code: "CANCELLED", message: reason },
});

const joinTimeout = (rank: number, attempt: number, afterMs: number): ErrorRecord => ({
  code: "JOIN_TIMEOUT",
  message: `worker ${rank} was launched but did not join within ${Math.round(afterMs / 1000)} s`,
  hint: "Can the workers reach the orchestrator's address and port? A firewall or a wrong address keeps them out.",
  rank,
  attempt,
});
