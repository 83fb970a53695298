// Runs a job with all its workers in this process: the real orchestrator, the real workers, and between them an internet
// in memory, with NATs, faults and virtual time.

import { type ConnectionInfo, FnmeshError, type Job, type LogLevel } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import { createTestEnv, createVirtualClock, createVirtualLab } from "@fnmesh/core/testing";
import { createOrchestrator, type JobReport } from "@fnmesh/orchestrator";
import { type FaultPlan, planFaults } from "./faults.ts";
import { type InProcessWorker, inProcessProvider, providerName } from "./in-process-provider.ts";
import { inputOf } from "./input.ts";
import { type MemoryOutput, memoryOutput } from "./memory-output.ts";
import { observed } from "./observed-worker.ts";
import { checkOptions, type NatProfile, natsOf, type RunJobOptions } from "./options.ts";
import { createWorkforce, type Workforce, watchProcess } from "./waiting.ts";

export interface JobLog {
  readonly rank: number;
  readonly level: LogLevel;
  readonly message: string;
}

export interface JobRun<Result = unknown> {
  /** What rank 0 returned, as JSON has it: the result of a real run. */
  readonly result: Result;
  /** What each worker returned, by rank, as it is. */
  readonly results: readonly Result[];
  /** The workers' parts one after another, as UTF-8 text. */
  readonly output: string;
  /** By rank. */
  readonly outputParts: readonly Buffer[];
  /** What the job has logged, in the order in which it came. */
  readonly logs: readonly JobLog[];
  /** By rank: the connections of each worker when its `run` was over. */
  readonly connections: readonly (readonly ConnectionInfo[])[];
  /** As `fnmesh run --json` has it; times are virtual. */
  readonly report: JobReport;
}

/** What `runJob` rejects with when the job fails. */
export type FailedJobError = FnmeshError & Pick<JobRun, "logs" | "report">;

/**
 * Runs a job on several workers in this process, mostly in milliseconds: time is virtual and flies while all workers wait
 * for each other. While one does something else (reads a file, sleeps), time passes as it really does. Workers share this
 * process's memory: what modules of the job keep outside of `run` is common to all.
 *
 * Rejects with the job's error: a FnmeshError with `code` and `rank`, whose `cause` is what the worker has thrown, and with
 * the run's `report` and `logs`. Rejects with INVALID_ARGUMENT, LIMIT, UNKNOWN_CHANNEL or UNKNOWN_NAT_PROFILE for options
 * that cannot be.
 *
 * @example
 * const { result, output } = await runJob(job, { workers: 3, input: ["one\ntwo\n", "three\n"] });
 * await assert.rejects(runJob(job, { faults: [{ kill: 1, at: { stage: "shuffle" } }] }), { code: "WORKER_LOST" });
 */
export async function runJob<Result>(job: Job<Result>, options: RunJobOptions = {}): Promise<JobRun<Result>> {
  const nats = natsOf(options);
  checkOptions(options, nats.length);
  options.signal?.throwIfAborted();
  const notes: Notes<Result> = { results: [], connections: [], logs: [], thrown: new Map() };
  const output = memoryOutput(nats.length);
  const report = await play(job, options, { nats, output, notes });
  if (report.error !== null) throw failure(errorOf(report.error, notes.thrown), report, notes.logs);
  const outputParts = output.parts();
  return {
    result: report.result as Result,
    results: notes.results,
    output: Buffer.concat(outputParts).toString(),
    outputParts,
    logs: notes.logs,
    connections: notes.connections,
    report,
  };
}

/** What is seen of a run while it goes on. */
interface Notes<Result> {
  readonly results: Result[];
  readonly connections: (readonly ConnectionInfo[])[];
  readonly logs: JobLog[];
  /** By rank. */
  readonly thrown: Map<number, unknown>;
}

interface Stage<Result> {
  readonly nats: readonly NatProfile[];
  readonly output: MemoryOutput;
  readonly notes: Notes<Result>;
}

/** From the first packet to the last. */
async function play<Result>(
  job: Job<Result>,
  options: RunJobOptions,
  { nats, output, notes }: Stage<Result>,
): Promise<JobReport> {
  const { seed = 1, link = {}, faults = [], signal } = options;
  const workforce = createWorkforce();
  const isProcessBusy = watchProcess();
  const clock = createVirtualClock({ realWork: () => workforce.isAtWork() || isProcessBusy() });
  const lab = createVirtualLab({ clock, seed, workers: nats, link });
  const plan = planFaults(faults, { clock, lab });
  const provider = inProcessProvider({
    envs: lab.workers.map((net, rank) => createTestEnv({ net, clock, seed: `${seed} worker ${rank}` })),
    jobFor: (worker) => watchedJob(job, worker, { options, workforce, plan, notes }),
    disconnect: (rank) => lab.workers[rank]!.kill(),
    onLaunch: plan.launched,
  });
  const env = createTestEnv({ net: lab.orchestrator, clock, seed: `${seed} orchestrator` });
  const input = await inputOf(options, nats.length);
  const orchestrator = await clock.run(
    createOrchestrator({ env, providers: [provider], listen: { host: "0.0.0.0" } }),
  );
  try {
    const handle = orchestrator.submit({ ...specOf(job, options, nats), input, output });
    plan.submitted();
    handle.subscribe((event) => {
      if (event.type === "log")
        notes.logs.push({ rank: event.rank, level: event.level, message: event.message });
    });
    const cancel = () => void handle.cancel("the test's signal was aborted");
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    return await clock.run(handle.report).finally(() => signal?.removeEventListener("abort", cancel));
  } finally {
    await clock.run(orchestrator.close());
  }
}

function specOf(job: Job, options: RunJobOptions, nats: readonly NatProfile[]) {
  const { channel = "auto", encrypt = true, memoryMb = 512, timeoutMs = 300_000, params = {} } = options;
  return {
    name: job.name ?? "job",
    code: "// The workers have the job as it is: see the provider.",
    workers: nats.length,
    provider: providerName,
    nat: [...new Set(nats)].join(" "),
    channel,
    encrypt,
    memoryMb,
    timeoutMs,
    params,
  };
}

interface Watch<Result> {
  readonly options: RunJobOptions;
  readonly workforce: Workforce;
  readonly plan: FaultPlan;
  readonly notes: Notes<Result>;
}

/** The job, with an eye on this worker. */
function watchedJob<Result>(
  job: Job<Result>,
  { rank, over }: InProcessWorker,
  { options: { chunkBytes }, workforce, plan, notes }: Watch<Result>,
): Job<Result> {
  const onStage = (name: string) => plan.stageBegun(rank, name);
  return {
    ...job,
    async run(worker) {
      const waiting = workforce.begin(worker.signal);
      void over.then(waiting.end);
      try {
        notes.results[rank] = await job.run(observed(worker, { waiting, onStage, chunkBytes }));
        notes.connections[rank] = worker.peers.connections();
        return notes.results[rank];
      } catch (thrown) {
        notes.thrown.set(rank, thrown);
        throw thrown;
      } finally {
        waiting.end();
      }
    },
  };
}

/** The error that a person sees, with what the worker threw where that is what it is about. */
function errorOf(record: NonNullable<JobReport["error"]>, thrown: ReadonlyMap<number, unknown>): FnmeshError {
  const own = record.rank === undefined ? undefined : thrown.get(record.rank);
  const cause = toFnmeshError(own, "JOB_THREW").code === record.code ? own : undefined;
  const error = new FnmeshError(record.code, record.message, { ...record, cause });
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}

/** Not enumerable: a runner that prints the error shall not print the whole report. */
const failure = (error: FnmeshError, report: JobReport, logs: readonly JobLog[]): FailedJobError =>
  Object.defineProperties(error, { report: { value: report }, logs: { value: logs } }) as FailedJobError;
