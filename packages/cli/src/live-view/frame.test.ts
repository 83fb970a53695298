import type { JobSnapshot } from "@fnmesh/orchestrator";
import { expect, test } from "vitest";
import { columnsOf } from "../text/columns.ts";
import { type FrameStyle, renderFrame } from "./frame.ts";

const running: JobSnapshot = {
  id: "j1",
  name: "reduce-by-key",
  status: "running",
  workers: { total: 8, launched: 8, joined: 8, finished: 2 },
  stages: [
    { name: "map", tasks: 8, retries: 0, ms: 1200, running: 0, progress: 1 },
    { name: "shuffle", tasks: 8, retries: 1, ms: 800, running: 8, progress: 0.429 },
  ],
  pairs: { direct: 26, relay: 2, redis: 0, memcached: 0, s3: 0 },
  bytes: { direct: 12_300_000, relay: 1000, store: 0 },
  cost: { currency: "USD", total: 0.00214, platform: "aws", title: "AWS x86", comparison: true },
  elapsedMs: 12_400,
};

const plain: FrameStyle = { columns: 72, rows: 24, colors: false, unicode: true };

test("a running job, exactly", () => {
  expect(renderFrame(running, plain)).toEqual([
    "reduce-by-key  running  12.4 s",
    "workers  █████████████████████████  8 of 8 joined, 2 finished",
    "map      █████████████████████████  done, 8 tasks, 1.20 s",
    "shuffle  ██████████░░░░░░░░░░░░░░░  42 %, 8 running, 1 retry, 0.80 s",
    "paths    26 direct, 2 relay",
    "bytes    12.3 MB direct, 1.0 kB relay",
    "cost     $0.0021 so far, as on AWS x86",
  ]);
});

test("a job on the platform that bills it is said to be there", () => {
  const cost = { ...running.cost, platform: "aws-arm64", title: "AWS arm64", comparison: false };
  expect(renderFrame({ ...running, cost }, plain).at(-1)).toBe("cost     $0.0021 so far, on AWS arm64");
});

test("a job that is being launched has no stages, paths or bytes yet", () => {
  const launching: JobSnapshot = {
    ...running,
    status: "launching",
    workers: { total: 1000, launched: 250, joined: 0, finished: 0 },
    stages: [],
    pairs: { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 },
    bytes: { direct: 0, relay: 0, store: 0 },
    cost: { ...running.cost, total: 0 },
    elapsedMs: 90,
  };
  expect(renderFrame(launching, { ...plain, unicode: false, columns: 60 })).toEqual([
    "reduce-by-key  launching  90 ms",
    "workers  -------------  250 of 1,000 launched",
    "paths    no pair has talked yet",
    "bytes    0 B",
    "cost     $0 so far, as on AWS x86",
  ]);
});

test("a narrow terminal loses the bars first, then the lines are cut", () => {
  expect(renderFrame(running, { ...plain, columns: 30 })).toEqual([
    "reduce-by-key  running  12.4 s",
    "workers  8 of 8 joined, 2 fin…",
    "map      done, 8 tasks, 1.20 s",
    "shuffle  42 %, 8 running, 1 r…",
    "paths    26 direct, 2 relay",
    "bytes    12.3 MB direct, 1.0 …",
    "cost     $0.0021 so far, as o…",
  ]);
});

test("a low terminal keeps the newest stages and counts the rest", () => {
  const stages = Array.from({ length: 20 }, (_, i) => ({
    name: `stage-${i}`,
    tasks: 8,
    retries: 0,
    ms: 10,
    running: 0,
    progress: 1,
  }));
  const frame = renderFrame({ ...running, stages }, { ...plain, rows: 9, columns: 40 });
  expect(frame).toHaveLength(8);
  expect(frame.slice(2, 5)).toEqual([
    "          18 earlier stages",
    "stage-18  done, 8 tasks, 10 ms",
    "stage-19  done, 8 tasks, 10 ms",
  ]);
});

test.each([20, 33, 60, 61, 80, 132, 500])("no line of a frame is wider than %i columns", (columns) => {
  const odd: JobSnapshot = {
    ...running,
    name: "名前がとても長いジョブ\u001b[2J\nwith a line feed",
    stages: [
      { ...running.stages[1]!, name: "a very long stage name that goes on 日本語 and on", progress: 7 },
    ],
  };
  for (const colors of [false, true]) {
    const frame = renderFrame(odd, { ...plain, columns, colors });
    for (const line of frame) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours' own sequences
      expect(columnsOf(line.replace(/\u001b\[\d+m/g, ""))).toBeLessThanOrEqual(columns);
      expect(line).not.toContain("\u001b[2J");
    }
  }
});

test.each([Number.NaN, -1, 2, Number.POSITIVE_INFINITY])(
  "a progress of %d does not break the bar",
  (progress) => {
    const frame = renderFrame({ ...running, stages: [{ ...running.stages[1]!, progress }] }, plain);
    expect(frame[2]).toMatch(/^shuffle {2}[█░]{25} {2}(0|100) %,/);
  },
);
