import { expect, test } from "vitest";
import {
  collectives,
  collectivesOutcome,
  linkBound,
  type Sample,
  sampleOf,
  sharedBound,
  sizesOf,
} from "./figures.ts";

const MiB = 1024 * 1024;

test("an operation takes from when the first begins until the last has ended, and a turn has its median", () => {
  const told = [
    { begun: [10, 20, 30], ended: [11, 22, 90], messages: 1, bytes: 100, processorMs: 0.5 },
    { begun: [9, 21, 30], ended: [12, 21.5, 31], messages: 3, bytes: 300, processorMs: 0.25 },
  ];
  const watched = { dilation: 1, busy: 0.2 };
  const sample = sampleOf({ collective: "reduce", bytes: 64, way: "naive" }, told, watched);
  expect(sample).toEqual({
    collective: "reduce",
    bytes: 64,
    way: "naive",
    ms: 3, // of 3, 2 and 60
    messages: 4,
    mostBytes: 300,
    processorMs: 0.75,
    busy: 0.2,
  });
  // In dilated time a function would have seen a tenth of it; the processors are as busy as they are.
  expect(sampleOf(sample, told, { dilation: 10, busy: 0.2 })).toEqual({ ...sample, ms: 0.3 });
});

/** Three turns each, of which one was disturbed. */
const samples: Sample[] = [1, 1, 40].flatMap((noise) =>
  collectives.flatMap((collective) =>
    sizesOf(collective).flatMap(({ bytes }) =>
      Object.entries({ fnmesh: 2, naive: 6, ring: 5, direct: 3 }).map(([way, ms]) => {
        return {
          collective,
          bytes,
          way,
          ms: ms * noise,
          messages: 30,
          mostBytes: bytes * 2,
          processorMs: ms / 4,
          busy: 0.25,
        };
      }),
    ),
  ),
);

const { rows, ratios } = collectivesOutcome({
  workers: 4,
  samples,
  bound: sharedBound(2 * MiB),
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
    processorMs: 0.5,
    naiveProcessorMs: 1.5,
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

test("with a link each, the bound is what the busiest link carries, and one latency; rows say how busy processors were", () => {
  const bound = linkBound({ bytesPerMs: MiB / 2, latencyMs: 0.5 });
  const linked = collectivesOutcome({ workers: 4, samples, bound, chosen: () => "direct", showBusy: true });
  const boundOf = (collective: string, value: string) =>
    linked.rows.find((row) => row.collective === collective && row.value === value)!.boundMs;
  expect(linked.rows[0]).toMatchObject({ busyPercent: 25, boundMs: 0.5 });
  expect(boundOf("broadcast", "4MiB")).toBe(8.5); // Everybody receives it,
  expect(boundOf("gather", "4MiB")).toBe(24.5); // but the root three,
  expect(boundOf("allReduce", "4MiB")).toBe(12.5); // and here everybody one and a half.
  expect(rows[0]).not.toHaveProperty("busyPercent");
});
