import { expect, test } from "vitest";
import { collectives, collectivesOutcome, type Sample, sampleOf, sizesOf } from "./figures.ts";

const MiB = 1024 * 1024;

test("an operation takes from when the first begins until the last has ended, and a turn has its median", () => {
  const told = [
    { begun: [10, 20, 30], ended: [11, 22, 90], messages: 1, bytes: 100 },
    { begun: [9, 21, 30], ended: [12, 21.5, 31], messages: 3, bytes: 300 },
  ];
  expect(sampleOf({ collective: "reduce", bytes: 64, way: "naive" }, told)).toEqual({
    collective: "reduce",
    bytes: 64,
    way: "naive",
    ms: 3, // of 3, 2 and 60
    messages: 4,
    mostBytes: 300,
  });
});

/** Three turns each, of which one was disturbed. */
const samples: Sample[] = [1, 1, 40].flatMap((noise) =>
  collectives.flatMap((collective) =>
    sizesOf(collective).flatMap(({ bytes }) =>
      Object.entries({ fnmesh: 2, naive: 6, ring: 5, direct: 3 }).map(([way, ms]) => {
        return { collective, bytes, way, ms: ms * noise, messages: 30, mostBytes: bytes * 2 };
      }),
    ),
  ),
);

const { rows, ratios } = collectivesOutcome({
  workers: 4,
  samples,
  bytesPerMs: [2 * MiB, 2 * MiB, 0.1 * MiB],
  chosen: () => "direct",
});

test("a row for each collective and size, by medians, with every algorithm that was tried", () => {
  expect(rows).toHaveLength(28);
  expect(rows.find(({ collective, value }) => collective === "allReduce" && value === "4MiB")).toEqual({
    collective: "allReduce",
    value: "4MiB",
    ms: 2,
    naiveMs: 6,
    ratio: 3,
    // All must send 2 x 3 values of 4 MiB, at 2 MiB a millisecond; one, 2 x 3/4 of a value.
    boundMs: 12,
    sentBytes: 8 * MiB,
    leastBytes: 6 * MiB,
    messages: 30,
    algorithm: "direct",
    others: "direct 3, ring 5",
  });
});

test("ratios: the naive time by fnmesh's, more is better; bytes by the least, less is better", () => {
  expect(ratios["naiveToFnmesh.allToAll.64B"]).toBe(3);
  expect(ratios["bytesToLeast.allReduce.4MiB"]).toBe(1.33);
  expect(ratios["naiveToFnmesh.barrier.0"]).toBe(3);
  expect(Object.keys(ratios)).toHaveLength(28 + 27);
});
