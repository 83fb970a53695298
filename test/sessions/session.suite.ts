// A whole session in memory: the real orchestrator, the real workers, and between them the virtual internet of
// @fnmesh/core/testing. What takes minutes takes milliseconds, and is the same at every run with one seed.

import { type ConnectionInfo, defineJob, type Worker } from "@fnmesh/core";
import type { Provider } from "@fnmesh/core/internal";
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
import {
  createOrchestrator,
  type JobReport,
  type JobSpec,
  type Orchestrator,
  type OrchestratorOptions,
} from "@fnmesh/orchestrator";
import { inProcessProvider, providerName } from "../../packages/cli/src/testing-kit/in-process-provider.ts";

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
  /** Beside what a session's orchestrator has. */
  readonly orchestrator?: Partial<OrchestratorOptions>;
  /** Puts something before the orchestrator; what is returned takes it away after the end. */
  readonly front?: (orchestrator: Orchestrator, session: Session) => Promise<() => Promise<void>>;
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
  const { run = connectAll, launchedAfterMs = () => 0 } = options;
  const provider = virtualProvider(session, launchedAfterMs, async (worker) => {
    const value = await run(worker, session);
    connections[worker.rank] = worker.peers.connections();
    return value;
  });
  const env = createTestEnv({ net: lab.orchestrator, clock, seed: `${seed} orchestrator` });
  const orchestrator = await clock.run(
    createOrchestrator({ env, providers: [provider], listen: { host: "0.0.0.0" }, ...options.orchestrator }),
  );
  const removeFront = options.front && (await clock.run(options.front(orchestrator, session)));
  const startMs = clock.now();
  const job = orchestrator.submit(specOf(options));
  const report = await clock.run(job.report);
  const tookMs = clock.now() - startMs;
  await clock.run(orchestrator.close());
  if (removeFront !== undefined) await clock.run(removeFront());
  if (options.mayLeave) await clock.advance(5000);
  else await resources.check();
  return { ...session, report, connections, tookMs, left: resources.leaks() };
}

function specOf({ workers, encrypt = true, channel = "auto", timeoutMs = 300_000 }: SessionOptions): JobSpec {
  return {
    name: "session",
    code: "// The job is given to the workers as a function: see the provider.",
    workers: workers.length,
    provider: providerName,
    nat: workers.join(" "),
    channel,
    encrypt,
    memoryMb: 512,
    timeoutMs,
    params: {},
    input: workers.map(() => []),
  };
}

/** Each worker is launched when the test wants it. */
function virtualProvider(
  { clock, lab, envs }: Session,
  launchedAfterMs: (rank: number) => number,
  run: (worker: Worker) => Promise<unknown>,
): Provider {
  const provider = inProcessProvider({
    envs,
    jobFor: () => defineJob({ run }),
    disconnect: (rank) => lab.workers[rank]!.kill(),
    onLaunch() {},
  });
  return {
    ...provider,
    launch: (request) =>
      new Promise((resolve) => {
        clock.setTimer(launchedAfterMs(request.invocation.rank), () => resolve(provider.launch(request)));
      }),
  };
}

/** The paths of a session of two, as both ends saw them. */
export const pathsOf = ({ connections }: Outcome): readonly string[] =>
  connections.map((seen) => seen.map(({ path }) => path).join(" "));
