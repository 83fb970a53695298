// An orchestrator that runs nothing: a test says what becomes of each job.

import { FnmeshError } from "@fnmesh/core";
import { noCost } from "../../cost/ledger.ts";
import type { JobEvent, JobHandle, JobReport, JobSnapshot, JobSpec, JobStatus } from "../../jobs/job.ts";
import type { Orchestrator, OrchestratorStats } from "../../orchestrator.ts";

export interface FakeJob extends JobHandle {
  readonly spec: JobSpec;
  readonly listeners: number;
  cancelReason: string | undefined;
  set(changes: Partial<JobSnapshot>): void;
  emit(event: JobEvent): void;
  /** Emits "end" and resolves the report. */
  end(status?: JobReport["job"]["status"], changes?: Partial<JobReport>): JobReport;
}

export interface FakeOrchestrator extends Orchestrator {
  readonly fakes: readonly FakeJob[];
  readonly submitListeners: number;
  stats(): OrchestratorStats;
  setStats(stats: OrchestratorStats): void;
  /** The next submit throws this. */
  refuseWith(error: FnmeshError): void;
  forget(id: string): void;
}

const noPaths = { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 };
const noBytes = { direct: 0, relay: 0, store: 0 };

export function snapshotOf(id: string, spec: Pick<JobSpec, "name" | "workers">): JobSnapshot {
  return {
    id,
    name: spec.name,
    status: "running",
    workers: { total: spec.workers, launched: 0, joined: 0, finished: 0 },
    stages: [],
    pairs: noPaths,
    bytes: noBytes,
    cost: { currency: "USD", total: 0, platform: "aws", title: "AWS x86", comparison: true },
    elapsedMs: 0,
  };
}

function reportOf(snapshot: JobSnapshot, spec: JobSpec, status: JobReport["job"]["status"]): JobReport {
  const { workers, provider, nat, channel, encrypt } = spec;
  return {
    job: { id: snapshot.id, name: spec.name, status, workers, provider, nat, channel, encrypted: encrypt },
    timing: { wallMs: 1, launchMs: 1, connectMs: 1, runMs: 1 },
    pairs: snapshot.pairs,
    paths: [],
    mappings: [],
    emitted: [],
    bytes: snapshot.bytes,
    stages: [],
    cost: { ...noCost("aws", "AWS x86"), comparison: true },
    error: null,
    result: null,
  };
}

function fakeJob(id: string, spec: JobSpec): FakeJob {
  let snapshot = snapshotOf(id, spec);
  const listeners = new Set<(event: JobEvent) => void>();
  let resolve: (report: JobReport) => void = () => {};
  const report = new Promise<JobReport>((settle) => {
    resolve = settle;
  });
  const job: FakeJob = {
    id,
    spec,
    report,
    cancelReason: undefined,
    get listeners() {
      return listeners.size;
    },
    snapshot: () => snapshot,
    set: (changes) => {
      snapshot = { ...snapshot, ...changes };
    },
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    end: (status = "succeeded", changes = {}) => {
      job.set({ status: status satisfies JobStatus });
      const ended = { ...reportOf(snapshot, spec, status), ...changes };
      job.emit({ type: "end", report: ended });
      resolve(ended);
      return ended;
    },
    cancel: async (reason) => {
      job.cancelReason = reason;
      return report;
    },
  };
  return job;
}

export function fakeOrchestrator(): FakeOrchestrator {
  const jobs = new Map<string, FakeJob>();
  const listeners = new Set<(job: JobHandle) => void>();
  let refusal: FnmeshError | undefined;
  let submitted = 0;
  let stats: OrchestratorStats = {
    connections: { pending: 0, control: 0, relay: 0 },
    refused: {},
    relays: 0,
    relayedBytes: 0,
  };
  return {
    offers: {
      providers: [
        {
          name: "local",
          limits: {
            memoryMb: { least: 128, most: 1024, preset: 512 },
            timeoutMs: { most: 900_000, preset: 300_000 },
            workers: 1_000,
          },
        },
      ],
      stores: ["redis"],
    },
    address: { host: "127.0.0.1", port: 1, observePort: 2 },
    get fakes() {
      return [...jobs.values()];
    },
    get submitListeners() {
      return listeners.size;
    },
    submit: (spec) => {
      if (refusal !== undefined) throw refusal;
      submitted += 1;
      const job = fakeJob(`job${submitted}`, spec);
      jobs.set(job.id, job);
      for (const listener of listeners) listener(job);
      return job;
    },
    jobs: () => [...jobs.values()],
    job: (id) => jobs.get(id),
    onSubmit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stats: () => stats,
    setStats: (next) => {
      stats = next;
    },
    refuseWith: (error) => {
      refusal = error;
    },
    forget: (id) => jobs.delete(id),
    drain: async () => {},
    close: async () => {},
  };
}

export const limitError = (): FnmeshError =>
  new FnmeshError("LIMIT", "100000 workers, the provider takes 1000", { hint: "Ask for fewer." });
