// A provider whose workers are functions in the test's own process: a script plays each worker's part.

import type { Acceptance, Invocation, LaunchedWorker, Provider, WorkerExit } from "@fnmesh/core/internal";

export interface ScriptedLaunch {
  readonly invocation: Invocation;
  /** Aborted by `stop`: the script has to return then. */
  readonly signal: AbortSignal;
  /** Ends the invocation now with what the platform says of it. */
  readonly exit: (exit: WorkerExit) => void;
}

export interface ScriptedProvider extends Provider {
  readonly launches: readonly Invocation[];
  /** Workers whose exit has not come yet. */
  readonly running: number;
  /** Ranks whose `stop` was called. */
  readonly stopped: ReadonlySet<number>;
}

export interface ScriptedProviderOptions {
  /** Plays a worker. Its return is a completed exit, its throw a crash. */
  readonly worker: (launch: ScriptedLaunch) => Promise<void>;
  /** Throws to make the launch fail. */
  readonly beforeLaunch?: (invocation: Invocation, signal: AbortSignal) => Promise<void> | void;
  readonly workers?: number;
  readonly acceptance?: Acceptance;
  readonly pricedAs?: string;
  readonly deployedMb?: number;
  /** A platform that only accepts is asked what became of a lost worker. */
  readonly onLeft?: (rank: number, exit: (exit: WorkerExit) => void) => void;
  /** And of a silent one. */
  readonly onInquiry?: (rank: number, signal: AbortSignal) => Promise<WorkerExit>;
}

export function scriptedProvider(options: ScriptedProviderOptions): ScriptedProvider {
  const { worker, beforeLaunch, workers = 1000, acceptance } = options;
  const { pricedAs, deployedMb, onLeft, onInquiry } = options;
  const launches: Invocation[] = [];
  const stopped = new Set<number>();
  let running = 0;

  const start = (invocation: Invocation): LaunchedWorker => {
    const abort = new AbortController();
    let exited!: (exit: WorkerExit) => void;
    const exit = new Promise<WorkerExit>((resolve) => {
      exited = resolve;
    });
    running += 1;
    void exit.then(() => {
      running -= 1;
    });
    worker({ invocation, signal: abort.signal, exit: exited }).then(
      () => exited({ kind: "completed" }),
      (error: unknown) => exited({ kind: "crashed", detail: String(error) }),
    );
    return {
      id: `scripted ${invocation.rank}.${invocation.attempt}`,
      start: "cold",
      exit,
      left: (how) => void (how === "lost" && onLeft?.(invocation.rank, exited)),
      ...(onInquiry === undefined ? {} : { inquire: (asking) => onInquiry(invocation.rank, asking) }),
      stop: async () => {
        stopped.add(invocation.rank);
        abort.abort(new Error("stopped"));
        exited({ kind: "stopped" });
      },
    };
  };

  return {
    name: "scripted",
    limits: {
      memoryMb: { least: 128, most: 10_240, preset: 512 },
      timeoutMs: { most: 900_000, preset: 60_000 },
      workers,
    },
    ...(acceptance === undefined ? {} : { acceptance }),
    ...(pricedAs === undefined ? {} : { pricedAs }),
    ...(deployedMb === undefined ? {} : { deployedMb }),
    launches,
    stopped,
    get running() {
      return running;
    },
    launch: async ({ invocation, signal }) => {
      launches.push(invocation);
      await beforeLaunch?.(invocation, signal);
      signal.throwIfAborted();
      return start(invocation);
    },
    close: async () => {},
  };
}
