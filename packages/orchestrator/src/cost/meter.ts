// Counts what a run uses while it runs: who ran for how long, what stores were asked, which servers stood by.
// Pure: time is given. A price is not known here.

import { noUsage, type StoreUsage } from "@fnmesh/core/internal";
import { isStoreRung, type Rung, type StoreRung } from "@fnmesh/core/protocol";
import {
  type InvocationUsage,
  inputFromS3,
  type RungUsage,
  type RunUsage,
  type ServerUsage,
  type StoreUse,
} from "./usage.ts";

export interface MeterOptions {
  readonly memoryMb: number;
  /** A memory store that is in the job's ladder stands by from the run's begin to its end, used or not. */
  readonly ladder: readonly Rung[];
}

export interface WorkerStoreUsage extends StoreUsage {
  readonly rung: Rung;
}

/** The sums of one rung. */
interface RungTotals {
  readonly usage: StoreUsage;
  /** The sum of each write's bytes times the moment that it may have happened at the earliest. */
  writtenAtSum: number;
}

interface Told {
  readonly byRung: Map<StoreUse, StoreUsage>;
  atMs: number;
}

const fields = Object.keys(noUsage()) as readonly (keyof StoreUsage)[];

export class Meter {
  readonly #options: MeterOptions;
  readonly #ended: InvocationUsage[] = [];
  /** When each started, by worker. */
  readonly #running = new Map<string, number>();
  readonly #rungs = new Map<StoreUse, RungTotals>();
  readonly #told = new Map<string, Told>();
  #beganAt: number | undefined;
  #relays = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  /** An invocation has started: it is billed from here. */
  started(rank: number, attempt: number, nowMs: number): void {
    this.#beganAt ??= nowMs;
    this.#running.set(nameOf(rank, attempt), nowMs);
  }

  ended(rank: number, attempt: number, nowMs: number): void {
    const name = nameOf(rank, attempt);
    const startedAt = this.#running.get(name);
    if (startedAt === undefined) return;
    this.#running.delete(name);
    this.#ended.push(this.#invocation(startedAt, nowMs));
  }

  /** A worker's totals since its start: they replace what it told before. */
  storesTold(rank: number, attempt: number, usages: readonly WorkerStoreUsage[], nowMs: number): void {
    const told = this.#toldBy(nameOf(rank, attempt), nowMs);
    for (const { rung, ...usage } of usages) if (isStoreRung(rung)) this.#replace(told, rung, usage);
    told.atMs = nowMs;
  }

  /** What a worker has asked of the sources of its input since its start. */
  inputTold(rank: number, attempt: number, usage: StoreUsage, nowMs: number): void {
    this.#replace(this.#toldBy(nameOf(rank, attempt), nowMs), inputFromS3, usage);
  }

  /** What has been asked to plan the input, so far. */
  inputPlanned(usage: StoreUsage, nowMs: number): void {
    this.#replace(this.#toldBy("planner", nowMs), inputFromS3, { ...usage });
  }

  /** What a keeper has asked of its store for this run, beyond what it told before. */
  storeUsage(rung: StoreRung, usage: StoreUsage, nowMs: number): void {
    this.#add(rung, usage, noUsage(), nowMs);
  }

  /** Relays that run as servers of their own, the most that there were. */
  relaysKept(count: number): void {
    this.#relays = Math.max(this.#relays, count);
  }

  usage(nowMs: number, bytes: RunUsage["bytes"]): RunUsage {
    const running = [...this.#running.values()].map((startedAt) => this.#invocation(startedAt, nowMs));
    return {
      invocations: [...this.#ended, ...running],
      stores: [...this.#rungs].map(([rung, totals]) => rungUsage(rung, totals, nowMs)),
      servers: this.#servers(nowMs),
      bytes,
    };
  }

  #invocation(startedAt: number, nowMs: number): InvocationUsage {
    return { ms: Math.max(0, nowMs - startedAt), memoryMb: this.#options.memoryMb };
  }

  #servers(nowMs: number): ServerUsage[] {
    const ms = this.#beganAt === undefined ? 0 : nowMs - this.#beganAt;
    const { ladder } = this.#options;
    const has = (rung: Rung) => (ladder.includes(rung) ? 1 : 0);
    return [
      { kind: "orchestrator", count: 1, ms },
      { kind: "relay", count: this.#relays * has("relay"), ms },
      { kind: "redis", count: has("redis"), ms },
      { kind: "memcached", count: has("memcached"), ms },
    ];
  }

  #replace(told: Told, use: StoreUse, usage: StoreUsage): void {
    this.#add(use, usage, told.byRung.get(use) ?? noUsage(), told.atMs);
    told.byRung.set(use, usage);
  }

  /** Writes are taken to have come right after the last report: never too short a time. */
  #add(rung: StoreUse, usage: StoreUsage, before: StoreUsage, sinceMs: number): void {
    const totals = this.#rungs.get(rung) ?? { usage: noUsage(), writtenAtSum: 0 };
    this.#rungs.set(rung, totals);
    for (const field of fields) totals.usage[field] += Math.max(0, usage[field] - before[field]);
    totals.writtenAtSum += Math.max(0, usage.writtenBytes - before.writtenBytes) * sinceMs;
  }

  #toldBy(name: string, nowMs: number): Told {
    const known = this.#told.get(name);
    if (known !== undefined) return known;
    const told: Told = { byRung: new Map(), atMs: this.#running.get(name) ?? nowMs };
    this.#told.set(name, told);
    return told;
  }
}

const nameOf = (rank: number, attempt: number): string => `${rank}.${attempt}`;

/** All is kept until the job's end, when it is swept. */
const rungUsage = (rung: StoreUse, { usage, writtenAtSum }: RungTotals, nowMs: number): RungUsage => ({
  ...usage,
  rung,
  keptByteMs: Math.max(0, usage.writtenBytes * nowMs - writtenAtSum),
});
