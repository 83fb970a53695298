// Workers that leave rows unread, each in its own way: the others must not wait for them, and nothing stays open.

import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTeam } from "../group/team.suite.ts";
import { runCrew } from "./crew.suite.ts";
import type { Datasets } from "./datasets.ts";
import { prepare } from "./execute.ts";
import { Keep } from "./keep.ts";
import { aggregatePlan, groupAggregation } from "./keyed.ts";
import type { Plan } from "./plan.ts";
import { valuesPlan } from "./sources.ts";

const pairs = (data: Datasets, count: number, keys = 10) =>
  data.range(count).map((row) => [row % keys, 1] as [number, number]);
const sums = (data: Datasets, count = 100) => pairs(data, count).reduceByKey((left, right) => left + right);

describe.each([1, 2, 7])("over %i workers, all come to the end when", (size) => {
  /** Whoever waits for ever fails by the test's deadline. */
  const everywhere = async <T>(act: (data: Datasets, rank: number) => Promise<T>) =>
    (await runCrew({ size, memoryBytes: 200 }, act)).results;

  it("some have enough before the second part of a union", async () => {
    // One key: one worker has a row of the first part, and the others come to the second one.
    const one = (data: Datasets) => pairs(data, 50, 1).reduceByKey((left, right) => left + right);
    const results = await everywhere(async (data) => [
      (await one(data).union(sums(data)).take(1)).length,
      await sums(data).count(),
    ]);
    for (const counts of results) expect(counts).toEqual([1, 10]);
  });

  it("a partition is not read on some, below each wide operation", async () => {
    const results = await everywhere(async (data, rank) => {
      const unread = async function* (rows: AsyncIterable<[number, number]>) {
        if (rank > 0) yield* rows;
      };
      const left = () => sums(data).mapPartitions(unread);
      return await Promise.all([
        left()
          .sortBy(([key]) => key)
          .count(),
        left().groupByKey().count(),
        left().join(sums(data), { strategy: "shuffle" }).count(),
        sums(data).join(left(), { strategy: "broadcast" }).count(),
        left().cache().count(),
      ]);
    });
    // A row of each key that another worker than the first has; all of them have the same news.
    const wanted = size === 1 ? 0 : results[0]![0];
    for (const counts of results) expect(counts).toEqual(Array(5).fill(wanted));
    if (size > 1) expect(wanted).toBeGreaterThan(0);
  });

  it("a cache was asked for a part of its rows, and then for the rest", async () => {
    const results = await everywhere(async (data) => {
      const [one, other] = [sums(data).cache(), sums(data, 50).cache()];
      const both = one.union(other);
      return [(await both.take(1)).length, await both.count(), await other.count()];
    });
    for (const counts of results) expect(counts).toEqual([1, 20, 10]);
  });
});

const spillFiles = () =>
  readdirSync("/proc/self/fd").filter((file) => {
    try {
      return readlinkSync(`/proc/self/fd/${file}`).includes("fnmesh-spill-");
    } catch {
      // The descriptor that lists the others is gone again.
      return false;
    }
  }).length;

it.runIf(process.platform === "linux")("no file on disk stays open after an action", async () => {
  // What tests before this one in this process have left open is theirs.
  const before = spillFiles();
  let [most, unread] = [0, 0];
  const { results } = await runCrew({ size: 2, memoryBytes: 100 }, async (data) => {
    const rows = sums(data, 5000)
      .union(sums(data, 5000))
      .map((row) => {
        most = Math.max(most, spillFiles());
        return row;
      });
    await rows.take(1);
    await rows
      .mapPartitions(() => {
        unread += 1;
        return [];
      })
      .count();
    const thrown = await rows
      .map(() => {
        throw new Error("no");
      })
      .count()
      .catch(({ code }) => code);
    return [thrown, spillFiles()];
  });
  expect(most).toBeGreaterThan(before);
  expect(unread).toBe(2);
  // Who ends first sees the other's files.
  expect(results.map(([thrown]) => thrown)).toEqual(["JOB_THREW", "JOB_THREW"]);
  expect(spillFiles()).toBe(before);
});

it("the parts of a union that wait take no more memory than one that is read", async () => {
  const { groups } = createTeam({ size: 1 });
  const budget = 100_000;
  const rows = Array.from({ length: 500 }, (_, index) => [index, "x".repeat(75)]);
  const part = aggregatePlan("groupByKey", valuesPlan(rows), groupAggregation);
  const plan: Plan = { kind: "union", label: "union", from: [part, part, part, part] };
  const held = new Keep();
  let shuffles = 0;
  const execution = {
    place: { rank: 0, size: 1, input: [] },
    group: groups[0]!,
    budget,
    held,
    kept: new Keep(),
    nextShuffle: () => shuffles++,
  };
  const opened = await prepare(plan, execution)();
  expect(held.memoryBytes).toBeGreaterThan(0);
  expect(held.memoryBytes).toBeLessThanOrEqual(1.5 * budget);
  let count = 0;
  for await (const batch of opened) count += batch.length;
  expect(count).toBe(2000);
  held.close();
});
