// What crashed orchestrators have left in stores goes when the next one starts: by this machine's ledger, whose owners
// are known to be dead, and by the stores' own leases, wherever their orchestrators were.

import { FnmeshError } from "@fnmesh/core";
import { noUsage, type StoreKeeper, toFnmeshError } from "@fnmesh/core/internal";
import type { StoreRoom } from "./job-stores.ts";
import { within } from "./within.ts";

/** For one request or sweep: nobody waits for it but the next one. */
const stepMs = 30_000;
/** For the step under way when the orchestrator closes. The next start does it again. */
const lastStepMs = 1_000;

export interface Tidying {
  /** Starts no further step, and gives the one under way a moment. May be called twice. */
  stop(): Promise<void>;
  /** All is done, or was stopped. Never rejects. */
  readonly done: Promise<void>;
}

/** Begins at once, in the background. Jobs of living orchestrators are left alone. */
export function tidyStores(room: StoreRoom): Tidying {
  const stopped = new AbortController();
  const done = room.keepers.length === 0 ? Promise.resolve() : tidy(room, stopped.signal);
  return {
    done,
    stop: async () => {
      stopped.abort();
      const late = () => new Error("given up");
      await within(room.clock, lastStepMs, done, late).catch(() => {});
    },
  };
}

async function tidy(room: StoreRoom, signal: AbortSignal): Promise<void> {
  await sweepOrphans(room, signal);
  for (const keeper of room.keepers) {
    if (signal.aborted) return;
    const expired = await attempt(room, keeper, "asking for jobs whose lease has ended", () =>
      keeper.expired(room.wallClock()),
    );
    for (const job of expired ?? []) {
      if (signal.aborted) return;
      await sweep(room, keeper, job);
    }
  }
}

async function sweepOrphans(room: StoreRoom, signal: AbortSignal): Promise<void> {
  for (const orphan of (await room.ledger?.orphans()) ?? []) {
    if (signal.aborted) return;
    const known = room.keepers.filter((keeper) => placesOf(room, keeper).some(isOneOf(orphan.places)));
    const swept = await Promise.all(known.map((keeper) => sweep(room, keeper, orphan.job)));
    const covered = new Set(known.flatMap((keeper) => placesOf(room, keeper)));
    const whole = swept.every(Boolean) && orphan.places.every((place) => covered.has(place));
    // Of a store that is not set up here, another start takes care; after the lease any start does that has it.
    if (whole || orphan.until < room.wallClock()) await orphan.settle().catch(() => {});
  }
}

const isOneOf = (places: readonly string[]) => (place: string) => places.includes(place);

const placesOf = ({ places }: StoreRoom, { rungs }: StoreKeeper): string[] =>
  rungs.map((rung) => places[rung] ?? rung);

async function sweep(room: StoreRoom, keeper: StoreKeeper, job: string): Promise<boolean> {
  const swept = await attempt(room, keeper, `sweeping the crashed job ${job}`, async () => {
    await keeper.sweep(job, noUsage());
    return true;
  });
  if (swept === true)
    room.log.info("removed what a crashed job left in a store", { job, store: keeper.rungs[0] });
  return swept === true;
}

/** Undefined when it failed: nobody's job fails by it, and the next start tries again. */
async function attempt<T>(
  { clock, log }: StoreRoom,
  { rungs }: StoreKeeper,
  what: string,
  act: () => Promise<T>,
): Promise<T | undefined> {
  const late = () => new FnmeshError("STORE_UNAVAILABLE", `not done within ${stepMs / 1000} s`);
  try {
    return await within(clock, stepMs, act(), late);
  } catch (thrown) {
    log.info(`${what} failed`, {
      store: rungs[0],
      detail: toFnmeshError(thrown, "STORE_UNAVAILABLE").message,
    });
    return undefined;
  }
}
