// A provider that starts each worker as a function of this process, on a virtual host of its own.

import type { Job } from "@fnmesh/core";
import {
  type CodeCache,
  type Env,
  type Invocation,
  type LaunchedWorker,
  type Provider,
  runWorker,
  type WorkerExit,
} from "@fnmesh/core/internal";

export interface InProcessWorker {
  readonly rank: number;
  readonly attempt: number;
  /** Settles, never with an error, when the invocation is over, however it ended. */
  readonly over: Promise<WorkerExit>;
  /** As when the process gets SIGKILL: what it still does has no effect. */
  kill(): void;
}

export interface InProcessOptions {
  /** Each worker's world, by rank. */
  readonly envs: readonly Env[];
  /** The job, as this worker runs it. */
  readonly jobFor: (worker: InProcessWorker) => Job;
  /** Closes all of the worker's sockets. */
  readonly disconnect: (rank: number) => void;
  readonly onLaunch: (worker: InProcessWorker) => void;
}

/** A container that has the job already, whatever its hash: nothing is loaded, so no real time passes. */
const codeOf = (job: () => Job): CodeCache => ({ hashes: [], get: job, put() {} });

export function inProcessProvider({ envs, jobFor, disconnect, onLaunch }: InProcessOptions): Provider {
  function start(invocation: Invocation): LaunchedWorker {
    const { rank, attempt } = invocation;
    const end = new AbortController();
    let die: (exit: WorkerExit) => void = () => {};
    const died = new Promise<WorkerExit>((resolve) => {
      die = resolve;
    });
    const code = codeOf(() => jobFor(worker));
    const ran = runWorker({ invocation, env: envs[rank]!, code, signal: end.signal }).then(
      (): WorkerExit => ({ kind: "completed" }),
      (error: unknown): WorkerExit => ({ kind: "crashed", detail: String(error) }),
    );
    const worker: InProcessWorker = {
      rank,
      attempt,
      over: Promise.race([ran, died]),
      kill() {
        disconnect(rank);
        die({ kind: "crashed", detail: "SIGKILL" });
        end.abort(new Error("killed"));
      },
    };
    onLaunch(worker);
    return {
      id: `worker ${rank}.${attempt}`,
      start: "cold",
      exit: worker.over,
      stop: async () => end.abort(new Error("stopped")),
    };
  }
  return {
    name: providerName,
    limits: {
      memoryMb: { least: 128, most: 10_240, preset: 512 },
      timeoutMs: { most: 900_000, preset: 60_000 },
      workers: 1000,
    },
    launch: async ({ invocation }) => start(invocation),
    close: async () => {},
  };
}

export const providerName = "in-process";
