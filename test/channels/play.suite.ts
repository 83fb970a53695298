// Jobs over real sockets in one process: the real orchestrator, real workers, and whatever channel is asked for. A
// worker's part is a function of the test, so nothing is bundled and no process is started.

import { defineJob, type Worker } from "@fnmesh/core";
import {
  type CodeCache,
  type Invocation,
  type LaunchedWorker,
  nodeEnv,
  type OpenInput,
  type Provider,
  runWorker,
  type StoreDrivers,
  type StoreKeeper,
} from "@fnmesh/core/internal";
import { createOrchestrator, type JobHandle, type JobReport, type JobSpec } from "@fnmesh/orchestrator";

export interface Ways {
  readonly channel: string;
  /** By rung: what the drivers are told. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly drivers?: StoreDrivers;
  readonly keepers?: readonly StoreKeeper[];
}

export interface PlayOptions extends Ways {
  readonly workers: number;
  readonly run: (worker: Worker, play: Play) => Promise<unknown>;
  readonly memoryMb?: number;
  readonly timeoutMs?: number;
  /** Default: none. */
  readonly input?: Pick<JobSpec, "input" | "sources" | "inputUsage">;
  /** What reads it, as it comes with the job's code. */
  readonly openInput?: OpenInput | undefined;
}

/** What a worker's part can do to the job. */
export interface Play {
  readonly job: () => JobHandle;
  /** Ends a worker as a crash of its process would: nothing is said to anybody. */
  readonly kill: (rank: number) => void;
}

export interface Played {
  readonly report: JobReport;
  readonly warnings: readonly string[];
}

/** Runs one job to its end, and leaves nothing behind. */
export async function play(options: PlayOptions): Promise<Played> {
  const warnings: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string) => void warnings.push(message),
    error: (message: string) => void warnings.push(message),
  };
  const stops = new Map<number, AbortController>();
  let handle: JobHandle | undefined;
  const seen: Play = {
    job: () => handle!,
    kill: (rank) => stops.get(rank)?.abort(new Error("killed by the test")),
  };
  const orchestrator = await createOrchestrator({
    env: nodeEnv({ log }),
    providers: [inProcess(options, seen, stops)],
    ...(options.settings === undefined ? {} : { stores: options.settings }),
    ...(options.keepers === undefined ? {} : { keepers: options.keepers }),
  });
  try {
    handle = orchestrator.submit(specOf(options));
    return { report: await handle.report, warnings };
  } finally {
    await orchestrator.close();
  }
}

const specOf = ({ workers, channel, memoryMb = 1024, timeoutMs = 50_000, input }: PlayOptions): JobSpec => ({
  name: "play",
  code: "// The job is given to the workers as a function.",
  workers,
  provider: "in-process",
  nat: "none",
  channel,
  encrypt: true,
  memoryMb,
  timeoutMs,
  params: {},
  ...(input ?? { input: Array.from({ length: workers }, () => []) }),
});

function inProcess(options: PlayOptions, seen: Play, stops: Map<number, AbortController>): Provider {
  const start = (invocation: Invocation): LaunchedWorker => {
    const end = new AbortController();
    stops.set(invocation.rank, end);
    const job = {
      ...defineJob({ run: (worker) => options.run(worker, seen) }),
      ...(options.drivers === undefined ? {} : { stores: options.drivers }),
      ...(options.openInput === undefined ? {} : { openInput: options.openInput }),
    };
    const code: CodeCache = { hashes: [], get: () => job, put() {} };
    const exit = runWorker({ invocation, env: nodeEnv(), code, signal: end.signal }).then(
      () => ({ kind: "completed" }) as const,
      (error: unknown) => ({ kind: "crashed", detail: String(error) }) as const,
    );
    return {
      id: `${invocation.rank}.${invocation.attempt}`,
      start: "cold",
      exit,
      stop: async () => end.abort(new Error("stopped")),
    };
  };
  return {
    name: "in-process",
    limits: {
      memoryMb: { least: 128, most: 10_240, preset: 512 },
      timeoutMs: { most: 900_000, preset: 60_000 },
      workers: 64,
    },
    launch: async ({ invocation }) => start(invocation),
    close: async () => {},
  };
}
