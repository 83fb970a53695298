import { expect, test } from "vitest";
import { type MeshSample, meshOutcome, percentiles } from "./mesh-figures.ts";

const sample = (ms: number): MeshSample => ({
  pairs: 6,
  direct: 6,
  ms,
  pairMs: { p50Ms: ms / 10, p99Ms: ms / 2 },
});

test("a row shows one run, that with the median time, and ratios are fnmesh's time by the rival's", () => {
  const { rows, ratios } = meshOutcome(
    4,
    new Map([
      ["fnmesh encrypted", [sample(900), sample(300), sample(400)]],
      ["fnmesh plain", [sample(150), sample(150), sample(150)]],
      ["bare sockets", [sample(100), sample(90), sample(2_000)]],
    ]),
  );
  expect(rows[0]).toEqual({
    kind: "fnmesh encrypted",
    workers: 4,
    pairs: 6,
    direct: 6,
    ms: 400,
    p50Ms: 40,
    p99Ms: 200,
  });
  expect(ratios).toEqual({ "meshToBareSockets.encrypted": 4, "meshToBareSockets.plain": 1.5 });
});

test("percentiles of many durations", () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  expect(percentiles(values)).toEqual({ p50Ms: 101, p99Ms: 198 });
});
