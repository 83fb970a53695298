import { once } from "node:events";
import { createTestLog, createVirtualClock, type VirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import type { StoreRoom } from "./job-stores.ts";
import type { OrphanedJob, StoreLedger } from "./store-ledger.ts";
import { type FakeKeeper, fakeKeeper } from "./testing/fake-keeper.ts";
import { tidyStores } from "./tidy.ts";

interface Orphans extends StoreLedger {
  readonly settled: string[];
}

function ledgerWith(...jobs: readonly [job: string, places: readonly string[], until: number][]): Orphans {
  const settled: string[] = [];
  const orphans = jobs.map(([job, places, until]): OrphanedJob => {
    const settle = async () => void settled.push(job);
    return { job, places, until, settle };
  });
  return {
    settled,
    add: async () => {},
    remove: () => {},
    orphans: async () => orphans,
    close: async () => {},
  };
}

const room = (keepers: readonly FakeKeeper[], ledger?: StoreLedger): StoreRoom => ({
  keepers,
  places: { redis: "redis://here/0", memcached: "memcached://here" },
  ledger,
  clock: createVirtualClock(),
  wallClock: () => 1_000,
  log: createTestLog(),
});

test("without stores it does nothing, and is done", async () => {
  const ledger = ledgerWith(["a", ["redis://here/0"], 0]);
  await tidyStores(room([], ledger)).done;
  expect(ledger.settled).toEqual([]);
});

test("orphans are swept where they were, and only there", async () => {
  const redis = fakeKeeper({ rungs: ["redis"] });
  const memcached = fakeKeeper({ rungs: ["memcached"] });
  const ledger = ledgerWith(
    ["mine", ["redis://here/0"], 2_000],
    ["elsewhere", ["redis://there/0"], 2_000],
    ["both", ["redis://here/0", "redis://there/0"], 2_000],
    ["long gone", ["redis://there/0"], 999],
  );
  await tidyStores(room([redis, memcached], ledger)).done;
  expect(redis.asked).toEqual(["sweep mine", "sweep both", "expired"]);
  expect(memcached.asked).toEqual(["expired"]);
  // What is elsewhere is for a start that has that store, until the lease ends.
  expect(ledger.settled).toEqual(["mine", "long gone"]);
});

test("a failed sweep leaves the orphan for the next start, and the others get theirs", async () => {
  const before = (asked: string) => (asked === "sweep a" ? Promise.reject(new Error("down")) : undefined);
  const keeper = fakeKeeper({ before });
  const ledger = ledgerWith(["a", ["redis://here/0"], 2_000], ["b", ["redis://here/0"], 2_000]);
  await tidyStores(room([keeper], ledger)).done;
  expect(ledger.settled).toEqual(["b"]);
});

test("a store that never answers holds nothing up for ever", async () => {
  const keeper = fakeKeeper({ before: () => new Promise(() => {}) });
  const there = room([keeper], ledgerWith(["a", ["redis://here/0"], 2_000]));
  await (there.clock as VirtualClock).run(tidyStores(there).done);
});

test("stopped, it ends the step that is under way and begins no other", async () => {
  const held = new AbortController();
  const keeper = fakeKeeper({ before: () => once(held.signal, "abort").then(() => {}) });
  const ledger = ledgerWith(["a", ["redis://here/0"], 2_000], ["b", ["redis://here/0"], 2_000]);
  const tidying = tidyStores(room([keeper], ledger));
  await expect.poll(() => keeper.asked).toEqual(["sweep a"]);
  const stopped = tidying.stop();
  held.abort();
  await stopped;
  expect(keeper.asked).toEqual(["sweep a"]);
});
