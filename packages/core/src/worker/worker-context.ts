// The Worker that a job's run() receives: thin words over what the runtime has.

import { abortable } from "../env/abortable.ts";
import type { Log, LogFields, LogLevel } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit, Output, RuntimeWorker } from "../job/job.ts";
import type { Peers } from "../peers/peers.ts";
import type { WorkerMessage } from "../protocol/control.ts";

export interface WorkerContextOptions {
  readonly rank: number;
  readonly size: number;
  readonly attempt: number;
  readonly params: Readonly<Record<string, string>>;
  readonly input: readonly InputSplit[];
  readonly output: Output;
  readonly peers: Peers;
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly send: (message: WorkerMessage) => void;
}

export interface WorkerContext {
  readonly worker: RuntimeWorker;
  /** All workers are at this barrier. */
  barrierReached(id: number): void;
}

const mostLogCharacters = 16_384;
const mostStageNameCharacters = 128;

export function workerContext(options: WorkerContextOptions): WorkerContext {
  const { send, signal, ...given } = options;
  const barriers = new Map<number, () => void>();
  let nextBarrier = 0;

  async function stage<T>(name: string, body: () => Promise<T>): Promise<T> {
    if (name === "" || name.length > mostStageNameCharacters) {
      throw new FnmeshError(
        "INVALID_ARGUMENT",
        `a stage's name has 1 to ${mostStageNameCharacters} characters`,
      );
    }
    send({ type: "stage", name, event: "begin" });
    const value = await body();
    send({ type: "stage", name, event: "end" });
    return value;
  }

  function barrier(): Promise<void> {
    const id = nextBarrier;
    nextBarrier += 1;
    const reached = new Promise<void>((resolve) => barriers.set(id, resolve));
    if (!signal.aborted) send({ type: "barrier", id });
    return abortable(reached, signal).finally(() => barriers.delete(id));
  }

  return {
    worker: {
      ...given,
      signal,
      log: logTo(send),
      stage,
      barrier,
      emit: (value) => send({ type: "emit", value }),
      progress(done, total) {
        if (Number.isFinite(done) && Number.isFinite(total)) send({ type: "progress", done, total });
      },
    },
    barrierReached: (id) => barriers.get(id)?.(),
  };
}

function logTo(send: (message: WorkerMessage) => void): Log {
  const write = (level: LogLevel) => (message: string, fields?: LogFields) => {
    const details = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
    send({ type: "log", level, message: `${message}${details}`.slice(0, mostLogCharacters) });
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
