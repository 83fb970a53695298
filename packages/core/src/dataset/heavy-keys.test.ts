import { expect, it } from "vitest";
import { createTeam, together } from "../group/team.suite.ts";
import { runCrew } from "./crew.suite.ts";
import { peekHeavyKeys } from "./heavy-keys.ts";

async function* batchesOf(keys: readonly string[]) {
  for (const key of keys) yield [[key, 1]];
}

it("heavy is a key with more than half of a worker's share, over all workers", async () => {
  const team = createTeam({ size: 4 });
  // 4 workers with 10 rows each: a share is 10 rows, so 6 are heavy, and 5 are not.
  const rows = [
    ["a", "a", "b", "b", "c", "d", "e", "f", "g", "h"],
    ["a", "a", "b", "i", "j", "k", "l", "m", "n", "o"],
    ["a", "a", "b", "p", "q", "r", "s", "t", "u", "v"],
    ["b", "w", "x", "y", "z", "1", "2", "3", "4", "5"],
  ];
  const peeked = await together(team, (group) => peekHeavyKeys(batchesOf(rows[group.rank]!), group));
  for (const [rank, { heavy, batches }] of peeked.entries()) {
    expect([...heavy]).toEqual(["a"]);
    const again = [];
    for await (const batch of batches) again.push(...batch);
    expect(again).toEqual(rows[rank]!.map((key) => [key, 1]));
  }
});

it("a join on one key alone is shared out among all workers", async () => {
  const { results } = await runCrew({ size: 8 }, async (data) => {
    const left = data.range(4000).map((row) => ["all", row] as [string, number]);
    const right = data.of([
      ["all", "x"],
      ["none", "y"],
    ] as [string, string][]);
    const joined = left.join(right, { strategy: "shuffle" });
    const parts = joined.mapPartitions(async function* (rows) {
      let count = 0;
      for await (const _ of rows) count += 1;
      yield count;
    });
    return { parts: await parts.collect(), total: await joined.count() };
  });
  const { parts, total } = results[0]!;
  expect(total).toBe(4000);
  expect(parts.length).toBe(8);
  expect(Math.max(...parts)).toBeLessThanOrEqual(510);
});
