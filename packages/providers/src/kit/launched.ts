// A launched worker, of the two kinds of platforms: those that answer when a function is over, and those that only take
// the invocation and have to be asked what became of it.

import { type ErrorRecord, FnmeshError } from "@fnmesh/core";
import { type LaunchedWorker, toFnmeshError, type WorkerExit } from "@fnmesh/core/internal";

export interface AnsweredOptions {
  readonly id: string;
  /**
   * Resolves with what the platform says when the function is over; with undefined when this delivery of the invocation
   * was not the one that counts. Its rejection becomes a crash with that error.
   */
  readonly exit: Promise<WorkerExit | undefined>;
  /** Ends the waiting: the request is given up. The function itself runs on until it is told otherwise. */
  readonly giveUp: () => void;
}

/** A worker whose platform holds the request until the function is over. */
export function answeredWorker({ id, exit, giveUp }: AnsweredOptions): LaunchedWorker {
  const { end, ended } = ending();
  const answered = exit.catch(crashOf).then((said) => {
    if (said !== undefined) end(said);
  });
  return {
    id,
    start: undefined,
    exit: ended,
    // The answer is on its way, or was that of another delivery.
    left: (how) => void answered.then(() => end(how === "finished" ? { kind: "completed" } : lostUnseen)),
    async stop() {
      end({ kind: "stopped" });
      giveUp();
    },
  };
}

const lostUnseen: WorkerExit = { kind: "crashed", detail: "its connection broke" };

/** The first end that is told counts. */
function ending() {
  let end!: (exit: WorkerExit) => void;
  const ended = new Promise<WorkerExit>((resolve) => {
    end = resolve;
  });
  return { end, ended };
}

export interface AcceptedOptions {
  readonly id: string;
  /** What the platform says of a worker: asked once of one that was lost, and before of one that is silent. */
  readonly verdict: (signal: AbortSignal) => Promise<WorkerExit>;
}

/** A worker whose platform took the invocation and says no more by itself. */
export function acceptedWorker({ id, verdict }: AcceptedOptions): LaunchedWorker {
  const over = new AbortController();
  let asked = false;
  const { end, ended } = ending();
  const ask = async () => {
    asked = true;
    end(await verdict(over.signal).catch(crashOf));
  };
  return {
    id,
    start: undefined,
    exit: ended,
    left(how) {
      if (how === "finished") end({ kind: "completed" });
      else if (!asked) void ask();
    },
    inquire: (signal) => verdict(AbortSignal.any([signal, over.signal])).catch(crashOf),
    async stop() {
      end({ kind: "stopped" });
      over.abort(new FnmeshError("CANCELLED", "the worker was stopped"));
    },
  };
}

const crashOf = (thrown: unknown): WorkerExit => {
  const error: ErrorRecord = toFnmeshError(thrown, "PROVIDER_UNAVAILABLE").toRecord();
  return { kind: "crashed", detail: error.message, error };
};
