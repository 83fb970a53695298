import { describe, expect, test } from "vitest";
import type { WorkerTold } from "../jobs/reduce-by-key.ts";
import {
  connectingOf,
  countsOf,
  reduceOutcome,
  type Sample,
  splitsOf,
  wrongResult,
} from "./reduce-figures.ts";

const tally = { records: 1, hashes: 2, values: 3 };
const round = (mappedAt: number, shuffledAt: number, reducedAt: number) => ({
  ...{ mappedAt, shuffledAt, reducedAt },
  ...{ made: tally, reduced: tally, sentBytes: 100, strays: 0 },
});
const worker = (rank: number, connectedAt: number, rounds: WorkerTold["rounds"]): WorkerTold => ({
  ...{ rank, begunAt: 1_050, connectedAt, rounds, digest: rank + 1, processorMs: 5 },
  made: [{ rounds: rank + 1, phases: { introduceMs: 1, dialMs: 2 + rank, handshakeMs: 3, probeMs: 4 } }],
});
const told = [
  worker(0, 1_200, [round(1_210, 1_400, 1_410), round(1_420, 1_600, 1_610)]),
  worker(1, 1_300, [round(1_320, 1_390, 1_450), round(1_500, 1_590, 1_650)]),
];

describe("a job's splits", () => {
  const splits = splitsOf({ submittedAt: 1_000, endedAt: 1_700, told });

  test("follow whoever is last", () => {
    // Last mapped 1320, shuffled 1400, reduced 1450; mapped 1500, shuffled 1600, reduced 1650.
    expect(splits).toEqual({ launchMs: 50, connectMs: 250, computeMs: 170, communicateMs: 180, endMs: 50 });
  });

  test("add up to the whole", () => {
    expect(Object.values(splits).reduce((sum, ms) => sum + ms, 0)).toBe(700);
  });
});

test("counts are of all workers and rounds", () => {
  expect(countsOf(told)).toEqual({ sentBytes: 400, digest: 3 });
});

test("connecting is told of all pairs", () => {
  const { again, phases } = connectingOf(told);
  expect(again).toBe(1);
  expect(phases.dial).toEqual({ p50Ms: 2.5, p99Ms: 3 });
});

test("a result is wrong when a worker or a round is missing", () => {
  expect(wrongResult(told, 2, 2)).toBeUndefined();
  expect(wrongResult(told, 3, 2)).toContain("2 workers of 3");
  expect(wrongResult(told, 2, 3)).toContain("all rounds");
});

describe("rows and ratios", () => {
  const service = (channel: string) => (channel === "direct" ? {} : { serviceMs: 20 });
  const sample = (channel: Sample["channel"], repetition: number, ms: number, cost?: number): Sample => ({
    ...{ channel, repetition, seed: repetition, sentBytes: 2e6, digest: 1, pairs: {} },
    connecting: connectingOf(told),
    splits: { launchMs: 10, connectMs: 20, computeMs: 30, communicateMs: ms - 65, endMs: 5 },
    processors: { busy: 0.5, workersMs: 1, orchestratorMs: 9, introducingMs: 10, ...service(channel) },
    ...(cost === undefined ? {} : { cost }),
  });
  const shape = {
    setting: "cloud",
    dilation: 10,
    workers: 4,
    rounds: 2,
    bytes: 1e6,
    keys: "zipf",
    encrypt: true,
  };

  test("are of medians, in undilated time", () => {
    const samples = [
      ...[100, 300, 900].map((ms, index) => sample("direct", index, ms, 0.01)),
      ...[3000, 600, 700].map((ms, index) => sample("redis", index, ms, 0.03)),
    ];
    const { rows, ratios } = reduceOutcome(shape, samples);
    expect(rows[0]).toMatchObject({ channel: "direct", totalMs: 30, leastMs: 10, mostMs: 90, megabytes: 1 });
    expect(rows[1]).toMatchObject({ totalMs: 70, connectMs: 2, communicateMs: 63.5, costUsd: 0.03 });
    // In full: (70 + (10 + 20) * 0.9) / (30 + 10 * 0.9), where direct has no service.
    expect(ratios).toEqual({ "timeOver.redis": 2.33, "costOver.redis": 3, "timeOverInFull.redis": 2.49 });
  });

  test("have no ratio without direct, and no cost where one is not known", () => {
    expect(reduceOutcome(shape, [sample("relay", 1, 100)]).ratios).toEqual({});
    const known = [sample("direct", 1, 100, 1), sample("relay", 1, 200)];
    expect(reduceOutcome({ ...shape, dilation: 1 }, known).ratios).toEqual({ "timeOver.relay": 2 });
  });
});
