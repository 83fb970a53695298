import { expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";
import type { Datasets } from "./datasets.ts";

it("datasets that are made twice on one worker take turns, in one order on all workers", async () => {
  const { results } = await runCrew({ size: 2 }, async (one, rank, another) => {
    // An action that needs no other worker, and is over on one sooner than on the other.
    const write = (data: Datasets, slow: number) =>
      data
        .of(["a line"])
        .mapPartitions(async function* () {
          if (rank === slow) for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
          yield "a line";
        })
        .saveAsText();
    const counts = (data: Datasets, keys: number) =>
      data
        .range(60)
        .map((row) => row % keys)
        .countByValue()
        .sortBy(([key]) => key)
        .collect();
    const other = another();
    const all = await Promise.all([write(one, 0), write(other, 1), counts(one, 3), counts(other, 2)]);
    return all.slice(2);
  });
  const wanted = [
    [
      [0, 20],
      [1, 20],
      [2, 20],
    ],
    [
      [0, 30],
      [1, 30],
    ],
  ];
  expect(results).toEqual([wanted, wanted]);
});
