// What a job tells of itself: gathered from its workers' messages, given out as snapshot and report. Pure: time is given.

import type { ErrorRecord } from "@fnmesh/core";
import type { MappingGuess } from "@fnmesh/core/internal";
import type { MessageBody, Rung, WorkerMessage } from "@fnmesh/core/protocol";
import { costOf, type RunCost } from "../cost/ledger.ts";
import { Meter } from "../cost/meter.ts";
import type { PricedAs } from "../cost/pricing.ts";
import { ConnectTimes } from "./connect-times.ts";
import { EmittedValues } from "./emitted.ts";
import type { JobReport, JobSnapshot, JobSpec, JobStatus } from "./job.ts";
import type { Outcome } from "./job-events.ts";
import { StageTimes } from "./stage-times.ts";
import { Traffic } from "./traffic.ts";

interface TelemetrySource {
  readonly rank: number;
  readonly attempt: number;
}

export interface JobRecordOptions {
  readonly id: string;
  readonly spec: JobSpec;
  readonly ladder: readonly Rung[];
  readonly pricedAs: PricedAs;
  /** The memory that each worker is paid for. */
  readonly billedMb: number;
  /** What the orchestrator's relay has passed on: also for pairs that have become direct since. */
  readonly relayedBytes: () => number;
  /** Relays that run as servers of their own now. */
  readonly relayServers: () => number;
  readonly nowMs: number;
}

export class JobRecord {
  readonly stages = new StageTimes();
  readonly connects = new ConnectTimes();
  readonly emitted = new EmittedValues();
  /** What is paid for. */
  readonly meter: Meter;
  readonly #id: string;
  readonly #spec: JobSpec;
  readonly #pricedAs: PricedAs;
  readonly #relayedBytes: () => number;
  readonly #relayServers: () => number;
  readonly #submittedAt: number;
  readonly #traffic: Traffic;
  readonly #launched = new Set<number>();
  /** By rank, when it was let in. */
  readonly #joined = new Map<number, number>();
  readonly #mappings = new Map<number, MappingGuess>();
  readonly #finished = new Set<number>();
  #lastJoinAt: number | undefined;
  /** As it was reported: a run that has ended costs no more. */
  #finalCost: RunCost | undefined;

  constructor(options: JobRecordOptions) {
    const { id, spec, ladder, pricedAs, billedMb, relayedBytes, relayServers, nowMs } = options;
    this.meter = new Meter({ memoryMb: billedMb, ladder });
    this.#pricedAs = pricedAs;
    this.#relayedBytes = relayedBytes;
    this.#relayServers = relayServers;
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
    this.meter.relaysKept(this.#relayServers());
  }

  /** What a worker has found out about its NAT. */
  mapped(rank: number, mapping: MappingGuess): void {
    this.#mappings.set(rank, mapping);
  }

  finished(rank: number): void {
    this.#finished.add(rank);
  }

  telemetry(worker: TelemetrySource, message: MessageBody<WorkerMessage, "telemetry">, nowMs: number): void {
    const { rank, attempt } = worker;
    const { peers, connect, stores, input } = message;
    if (stores !== undefined) this.meter.storesTold(rank, attempt, stores, nowMs);
    if (input !== undefined) this.meter.inputTold(rank, attempt, input, nowMs);
    const sinceSubmit = (at: number) => at - this.#submittedAt;
    const welcomedAtMs = sinceSubmit(this.#joined.get(rank) ?? nowMs);
    this.#traffic.update(rank, peers, { atMs: sinceSubmit(nowMs), welcomedAtMs });
    if (connect !== undefined) this.connects.told(rank, connect);
  }

  snapshot(status: JobStatus, nowMs: number): JobSnapshot {
    const { lines: _, unpriced: __, ...cost } = this.#cost(nowMs);
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
      cost,
      elapsedMs: Math.round(nowMs - this.#submittedAt),
    };
  }

  report(outcome: Outcome, nowMs: number): JobReport {
    const { name, workers, provider, nat, channel, encrypt } = this.#spec;
    this.#finalCost = this.#cost(nowMs);
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
      mappings: Array.from({ length: workers }, (_, rank) => this.#mappings.get(rank) ?? "unknown"),
      bytes: this.#traffic.bytes(),
      stages: this.stages.report(nowMs),
      cost: this.#finalCost,
      emitted: [...this.emitted.values],
      error: outcome.status === "succeeded" ? null : withoutStackOfOurs(outcome.error),
      result: outcome.status === "succeeded" ? outcome.result : null,
    };
  }

  #cost(nowMs: number): RunCost {
    if (this.#finalCost !== undefined) return this.#finalCost;
    this.meter.relaysKept(this.#relayServers());
    if (this.#spec.inputUsage !== undefined) this.meter.inputPlanned(this.#spec.inputUsage, nowMs);
    const { direct, relay } = this.#traffic.bytes();
    // Nothing tells in which zone a worker is; a provider that knows will.
    const relayed = Math.max(relay, this.#relayedBytes());
    const usage = this.meter.usage(nowMs, { direct, relayed, acrossZones: 0 });
    const { platform, tariff, comparison } = this.#pricedAs;
    return { ...costOf(usage, platform, tariff), comparison };
  }
}

/** A stack helps where it leads into the user's job; the orchestrator's own is noise. */
function withoutStackOfOurs(error: ErrorRecord): ErrorRecord {
  if (error.code === "JOB_THREW" || error.code === "INTERNAL") return error;
  const { stack: _, ...rest } = error;
  return rest;
}
