// What a job tells of itself: gathered from its workers' messages, given out as snapshot and report. Pure: time is given.

import type { ErrorRecord } from "@fnmesh/core";
import type { MessageBody, WorkerMessage } from "@fnmesh/core/protocol";
import { ConnectTimes } from "./connect-times.ts";
import type { JobReport, JobSnapshot, JobSpec, JobStatus } from "./job.ts";
import type { Outcome } from "./job-events.ts";
import { StageTimes } from "./stage-times.ts";
import { Traffic } from "./traffic.ts";

export class JobRecord {
  readonly stages = new StageTimes();
  readonly connects = new ConnectTimes();
  readonly #id: string;
  readonly #spec: JobSpec;
  readonly #submittedAt: number;
  readonly #traffic: Traffic;
  readonly #launched = new Set<number>();
  /** By rank, when it was let in. */
  readonly #joined = new Map<number, number>();
  readonly #finished = new Set<number>();
  #lastJoinAt: number | undefined;

  constructor(id: string, spec: JobSpec, nowMs: number) {
    this.#id = id;
    this.#spec = spec;
    this.#submittedAt = nowMs;
    this.#traffic = new Traffic(spec.workers);
  }

  launched(rank: number): void {
    this.#launched.add(rank);
  }

  joined(rank: number, nowMs: number): void {
    // A worker can join before the provider says that it is launched.
    this.#launched.add(rank);
    this.#joined.set(rank, nowMs);
    this.#lastJoinAt = nowMs;
  }

  finished(rank: number): void {
    this.#finished.add(rank);
  }

  telemetry(rank: number, { peers, connect }: MessageBody<WorkerMessage, "telemetry">, nowMs: number): void {
    const sinceSubmit = (at: number) => at - this.#submittedAt;
    const welcomedAtMs = sinceSubmit(this.#joined.get(rank) ?? nowMs);
    this.#traffic.update(rank, peers, { atMs: sinceSubmit(nowMs), welcomedAtMs });
    if (connect !== undefined) this.connects.told(rank, connect);
  }

  snapshot(status: JobStatus, nowMs: number): JobSnapshot {
    const { name, workers } = this.#spec;
    return {
      id: this.#id,
      name,
      status,
      workers: {
        total: workers,
        launched: this.#launched.size,
        joined: this.#joined.size,
        finished: this.#finished.size,
      },
      stages: this.stages.snapshot(workers, nowMs),
      pairs: this.#traffic.pairs(),
      bytes: this.#traffic.bytes(),
      elapsedMs: Math.round(nowMs - this.#submittedAt),
    };
  }

  report(outcome: Outcome, nowMs: number): JobReport {
    const { name, workers, provider, nat, channel, encrypt } = this.#spec;
    const complete = this.#joined.size === workers && this.#lastJoinAt !== undefined;
    const startedAt = complete ? this.#lastJoinAt! : nowMs;
    return {
      job: {
        id: this.#id,
        name,
        status: outcome.status,
        workers,
        provider,
        nat,
        channel,
        encrypted: encrypt,
      },
      timing: {
        wallMs: Math.round(nowMs - this.#submittedAt),
        launchMs: Math.round(startedAt - this.#submittedAt),
        connectMs: this.connects.totalMs(),
        runMs: Math.round(nowMs - startedAt),
      },
      pairs: this.#traffic.pairs(),
      paths: this.#traffic.paths(),
      bytes: this.#traffic.bytes(),
      stages: this.stages.report(nowMs),
      error: outcome.status === "succeeded" ? null : withoutStackOfOurs(outcome.error),
      result: outcome.status === "succeeded" ? outcome.result : null,
    };
  }
}

/** A stack helps where it leads into the user's job; the orchestrator's own is noise. */
function withoutStackOfOurs(error: ErrorRecord): ErrorRecord {
  if (error.code === "JOB_THREW" || error.code === "INTERNAL") return error;
  const { stack: _, ...rest } = error;
  return rest;
}
