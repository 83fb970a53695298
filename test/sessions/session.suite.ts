// A whole session in memory: the real orchestrator, the real workers, and between them the virtual internet of
// @fnmesh/core/testing. What takes minutes takes milliseconds, and is the same at every run with one seed.

import { type ConnectionInfo, defineJob, type Worker } from "@fnmesh/core";
import {
  type CodeCache,
  type Invocation,
  type LaunchedWorker,
  type Provider,
  runWorker,
} from "@fnmesh/core/internal";
import {
  createTestEnv,
  createVirtualClock,
  createVirtualLab,
  type TestEnv,
  trackResources,
  type VirtualClock,
  type VirtualLab,
  type VirtualProfile,
} from "@fnmesh/core/testing";
import { createOrchestrator, type JobReport, type JobSpec } from "@fnmesh/orchestrator";

export interface SessionOptions {
  /** Each worker's NAT, by rank. */
  readonly workers: readonly VirtualProfile[];
  /** What each worker does. Default: all connect to all. */
  readonly run?: (worker: Worker, session: Session) => Promise<unknown>;
  readonly seed?: number;
  readonly encrypt?: boolean;
  readonly channel?: JobSpec["channel"];
  readonly link?: { readonly latencyMs?: number; readonly jitterMs?: number; readonly synLoss?: number };
  /** How much later than rank 0 each worker is launched. */
  readonly launchedAfterMs?: (rank: number) => number;
  readonly timeoutMs?: number;
  /** The test looks at what is left by itself. */
  readonly mayLeave?: boolean;
  /** Does things to the network before anything runs. */
  readonly prepare?: (session: Session) => void;
}

export interface Session {
  readonly clock: VirtualClock;
  readonly lab: VirtualLab;
  readonly envs: readonly TestEnv[];
}

export interface Outcome extends Session {
  readonly report: JobReport;
  /** What each worker saw of its connections when its part was over, by rank. */
  readonly connections: readonly (readonly ConnectionInfo[])[];
  /** Virtual milliseconds from submission to the end. */
  readonly tookMs: number;
  /** Sockets, listeners and timers that were there after the end. */
  readonly left: readonly string[];
}

const connectAll = async ({ peers }: Worker): Promise<void> => void (await peers.connectAll());

/**
 * Runs one job to its end and takes everything down. Throws when a socket, a listener or a timer is left.
 *
 * @example
 * const { report, connections } = await runSession({ workers: ["restricted", "reset"] });
 */
export async function runSession(options: SessionOptions): Promise<Outcome> {
  const { workers, seed = 1, link = {} } = options;
  const clock = createVirtualClock();
  const lab = createVirtualLab({ clock, seed, workers, link });
  const resources = trackResources({ clock, network: lab.network });
  const envs = lab.workers.map((net, rank) => createTestEnv({ net, clock, seed: `${seed} worker ${rank}` }));
  const session: Session = { clock, lab, envs };
  options.prepare?.(session);
  const connections: (readonly ConnectionInfo[])[] = [];
  const provider = virtualProvider(session, options, (rank, seen) => {
    connections[rank] = seen;
  });
  const env = createTestEnv({ net: lab.orchestrator, clock, seed: `${seed} orchestrator` });
  const orchestrator = await clock.run(
    createOrchestrator({ env, providers: [provider], listen: { host: "0.0.0.0" } }),
  );
  const startMs = clock.now();
  const job = orchestrator.submit(specOf(options));
  const report = await clock.run(job.report);
  const tookMs = clock.now() - startMs;
  await clock.run(orchestrator.close());
  if (options.mayLeave) await clock.advance(5000);
  else await resources.check();
  return { ...session, report, connections, tookMs, left: resources.leaks() };
}

function specOf({ workers, encrypt = true, channel = "auto", timeoutMs = 300_000 }: SessionOptions): JobSpec {
  return {
    name: "session",
    code: "// The job is given to the workers as a function: see `codeOf`.",
    workers: workers.length,
    provider: "virtual",
    nat: workers.join(" "),
    channel,
    encrypt,
    memoryMb: 512,
    timeoutMs,
    params: {},
    input: workers.map(() => []),
  };
}

/** A container that has the job already, whatever its hash: nothing is loaded, so no real time passes. */
function codeOf(run: (worker: Worker) => Promise<unknown>): CodeCache {
  const job = defineJob({ run });
  return { hashes: [], get: () => job, put() {} };
}

/** Starts each worker as a function in this process, on its own virtual host. */
function virtualProvider(
  session: Session,
  { run = connectAll, launchedAfterMs = () => 0 }: SessionOptions,
  note: (rank: number, seen: readonly ConnectionInfo[]) => void,
): Provider {
  const start = (invocation: Invocation): LaunchedWorker => {
    const { rank, attempt } = invocation;
    const env = session.envs[rank]!;
    const end = new AbortController();
    const code = codeOf(async (worker) => {
      const value = await run(worker, session);
      note(rank, worker.peers.connections());
      return value;
    });
    const exit = runWorker({ invocation, env, code, signal: end.signal }).then(
      () => ({ kind: "completed" }) as const,
      (error: unknown) => ({ kind: "crashed", detail: String(error) }) as const,
    );
    return {
      id: `virtual ${rank}.${attempt}`,
      start: "cold",
      exit,
      stop: async () => end.abort(new Error("stopped")),
    };
  };
  return {
    name: "virtual",
    limits: {
      memoryMb: { least: 128, most: 10_240, preset: 512 },
      timeoutMs: { most: 900_000, preset: 60_000 },
      workers: 1000,
    },
    launch: ({ invocation }) =>
      new Promise((resolve) => {
        session.clock.setTimer(launchedAfterMs(invocation.rank), () => resolve(start(invocation)));
      }),
    close: async () => {},
  };
}

/** The paths of a session of two, as both ends saw them. */
export const pathsOf = ({ connections }: Outcome): readonly string[] =>
  connections.map((seen) => seen.map(({ path }) => path).join(" "));
