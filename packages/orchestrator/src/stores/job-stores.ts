// The stores of one job: a lease before its first worker is launched, and a sweep after its last one has ended. What
// the lease is for, the next orchestrator's start removes if this one cannot.

import { type ErrorRecord, FnmeshError } from "@fnmesh/core";
import {
  type Clock,
  type Log,
  noUsage,
  type StoreKeeper,
  type StoreUsage,
  toFnmeshError,
} from "@fnmesh/core/internal";
import { isStoreRung, type StoreRung } from "@fnmesh/core/protocol";
import { type Ways, withoutRungs } from "../jobs/welcome.ts";
import type { StoreLedger } from "./store-ledger.ts";
import { within } from "./within.ts";

/** Longer than a store takes that answers at all. */
export const leaseMs = 10_000;
/** A thousand workers' objects, a thousand in a request, are removed in less. */
export const sweepMs = 30_000;
/** Launches, a second attempt, and clocks that differ between machines. */
export const leaseMarginMs = 15 * 60_000;

/** All stores that an orchestrator knows: shared by its jobs. */
export interface StoreRoom {
  readonly keepers: readonly StoreKeeper[];
  /** Where each store is, without what proves who asks; for the ledger. */
  readonly places: Readonly<Partial<Record<StoreRung, string>>>;
  readonly ledger: StoreLedger | undefined;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly log: Log;
}

/** What the keepers' own requests are told to, for the bill. */
export type UsageSink = (rung: StoreRung, usage: StoreUsage) => void;

interface Kept {
  readonly keeper: StoreKeeper;
  /** Those of the job's ladder. */
  readonly rungs: readonly StoreRung[];
}

export class JobStores {
  readonly #room: StoreRoom;
  readonly #job: string;
  readonly #ways: Ways;
  readonly #onUsage: UsageSink;
  readonly #kept: readonly Kept[];
  /** Those that may hold something of the job. */
  readonly #leased = new Set<Kept>();
  #leasing: Promise<ErrorRecord | undefined> | undefined;

  constructor(room: StoreRoom, job: string, ways: Ways, onUsage: UsageSink) {
    this.#room = room;
    this.#job = job;
    this.#ways = ways;
    this.#onUsage = onUsage;
    this.#kept = room.keepers
      .map((keeper) => ({
        keeper,
        rungs: ways.ladder.filter(isStoreRung).filter((rung) => keeper.rungs.includes(rung)),
      }))
      .filter(({ rungs }) => rungs.length > 0);
  }

  /** Whether there is anything to do at all. */
  get any(): boolean {
    return this.#kept.length > 0;
  }

  /**
   * Stores that do not answer are taken out of the job's ways, with a warning; why the job cannot run when none is
   * left. Never rejects.
   */
  lease(timeoutMs: number): Promise<ErrorRecord | undefined> {
    this.#leasing ??= this.#lease(this.#room.wallClock() + timeoutMs + leaseMarginMs);
    return this.#leasing;
  }

  /** Removes what the job has left, in a bounded time. What cannot be removed is told, and stays in the ledger. */
  async sweep(): Promise<void> {
    await this.#leasing;
    const swept = await Promise.all([...this.#leased].map((kept) => this.#sweep(kept)));
    if (swept.every(Boolean)) this.#room.ledger?.remove(this.#job);
  }

  async #lease(until: number): Promise<ErrorRecord | undefined> {
    try {
      await this.#note(until);
    } catch (thrown) {
      // Without the ledger a crash leaves things until the lease ends: no reason not to run.
      this.#warn("a crash could leave keys in stores: the ledger cannot be written", [], thrown);
    }
    const failures = await Promise.all(this.#kept.map((kept) => this.#leaseOne(kept, until)));
    const failed = failures.flatMap((error, index) =>
      error === undefined ? [] : [{ error, rungs: this.#kept[index]!.rungs }],
    );
    if (failed.length === 0) return undefined;
    withoutRungs(
      this.#ways,
      failed.flatMap(({ rungs }) => rungs),
    );
    if (this.#leased.size === 0) this.#room.ledger?.remove(this.#job);
    if (this.#ways.ladder.length === 0) return failed[0]!.error.toRecord();
    for (const { error, rungs } of failed) this.#warn("a store is left out of the job", rungs, error);
    return undefined;
  }

  async #note(until: number): Promise<void> {
    const { ledger, places } = this.#room;
    const named = this.#kept.flatMap(({ rungs }) => rungs.map((rung) => places[rung] ?? rung));
    await ledger?.add({ job: this.#job, places: [...new Set(named)], until });
  }

  async #leaseOne(kept: Kept, until: number): Promise<FnmeshError | undefined> {
    const { clock } = this.#room;
    const [rung] = kept.rungs;
    const late = () => new FnmeshError("STORE_UNAVAILABLE", `${rung} does not answer`, { hint: answerHint });
    const leased = kept.keeper.lease(this.#job, until);
    try {
      await within(clock, leaseMs, leased, late);
      this.#leased.add(kept);
      return undefined;
    } catch (thrown) {
      // Should it come through after all, nobody needs it.
      void leased.then(() => kept.keeper.sweep(this.#job, noUsage())).catch(() => {});
      return toFnmeshError(thrown, "STORE_UNAVAILABLE", { hint: answerHint });
    }
  }

  async #sweep(kept: Kept): Promise<boolean> {
    const usage = noUsage();
    const late = () => new FnmeshError("STORE_UNAVAILABLE", `not done within ${sweepMs / 1000} s`);
    try {
      await within(this.#room.clock, sweepMs, kept.keeper.sweep(this.#job, usage), late);
      return true;
    } catch (thrown) {
      this.#warn("keys or objects of the job may have stayed in a store", kept.rungs, thrown);
      return false;
    } finally {
      this.#onUsage(kept.rungs[0]!, usage);
    }
  }

  #warn(message: string, rungs: readonly StoreRung[], thrown: unknown): void {
    const { code, message: detail } = toFnmeshError(thrown, "STORE_UNAVAILABLE");
    const store = rungs.length === 0 ? {} : { store: rungs.join(",") };
    this.#room.log.warn(message, { job: this.#job, ...store, code, detail });
  }
}

const answerHint = "Is the store running, and reachable from here? `fnmesh doctor` asks each one.";
