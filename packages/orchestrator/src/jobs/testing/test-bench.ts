// An orchestrator whose workers a test plays by hand: a launch only gives the test an invocation, and the process
// "ends" when the test says so or the orchestrator stops it.

import { type Invocation, nodeEnv, type WorkerExit } from "@fnmesh/core/internal";
import { createTestLog, type TestLog } from "@fnmesh/core/testing";
import { createOrchestrator } from "../../create-orchestrator.ts";
import type { Orchestrator, OrchestratorOptions } from "../../orchestrator.ts";
import { type FakeWorker, joinAs } from "../../rendezvous/testing/fake-worker.ts";
import type { JobHandle, JobSpec } from "../job.ts";
import { testSpec } from "./job-spec.ts";
import {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  scriptedProvider,
} from "./scripted-provider.ts";

export interface TestBench {
  readonly orchestrator: Orchestrator;
  readonly provider: ScriptedProvider;
  readonly log: TestLog;
  /** Submits a job and gives its workers' invocations, by rank. */
  submit(change?: Partial<JobSpec>): Promise<{ job: JobHandle; invocations: readonly Invocation[] }>;
  /** Submits a job all of whose workers join. */
  play(change?: Partial<JobSpec>): Promise<{ job: JobHandle; workers: readonly FakeWorker[] }>;
  /** All of these workers deliver a result, are let go and end as they should. */
  finish(workers: readonly FakeWorker[], value?: unknown): Promise<void>;
  /** What the platform says of a worker's process. */
  exit(invocation: Invocation, exit: WorkerExit): void;
  /** The invocation of a launch that has come or will come. */
  launch(job: string, rank: number, attempt?: number): Promise<Invocation>;
  close(): Promise<void>;
}

export interface TestBenchOptions {
  readonly orchestrator?: Partial<OrchestratorOptions>;
  readonly provider?: Partial<ScriptedProviderOptions>;
}

const nameOf = (job: string, rank: number, attempt: number) => `${job} ${rank} ${attempt}`;

export async function createTestBench(options: TestBenchOptions = {}): Promise<TestBench> {
  const log = createTestLog();
  const exits = new Map<string, (exit: WorkerExit) => void>();
  const launched = new Map<string, Invocation>();
  const waiting = new Map<string, (invocation: Invocation) => void>();

  const provider = scriptedProvider({
    worker: ({ invocation, exit, signal }) => {
      const name = nameOf(invocation.job, invocation.rank, invocation.attempt);
      exits.set(name, exit);
      launched.set(name, invocation);
      waiting.get(name)?.(invocation);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    },
    ...options.provider,
  });
  const orchestrator = await createOrchestrator({
    env: nodeEnv({ log }),
    providers: [provider],
    ...options.orchestrator,
  });

  const launch = (job: string, rank: number, attempt = 0): Promise<Invocation> => {
    const name = nameOf(job, rank, attempt);
    const invocation = launched.get(name);
    return invocation === undefined
      ? new Promise((resolve) => waiting.set(name, resolve))
      : Promise.resolve(invocation);
  };
  const exit: TestBench["exit"] = ({ job, rank, attempt }, how) =>
    exits.get(nameOf(job, rank, attempt))?.(how);
  const submit: TestBench["submit"] = async (change) => {
    const spec = testSpec(change);
    const job = orchestrator.submit(spec);
    const ranks = Array.from({ length: spec.workers }, (_, rank) => rank);
    return { job, invocations: await Promise.all(ranks.map((rank) => launch(job.id, rank))) };
  };
  return {
    orchestrator,
    provider,
    log,
    submit,
    launch,
    play: async (change) => {
      const { job, invocations } = await submit(change);
      return { job, workers: await Promise.all(invocations.map(joinAs)) };
    },
    finish: async (workers, value = null) => {
      for (const worker of workers) worker.send({ type: "result", value });
      await Promise.all(workers.map((worker) => worker.message("done")));
      for (const { invocation } of workers) exit(invocation, { kind: "completed" });
    },
    exit,
    close: () => orchestrator.close(),
  };
}
