import type { JobSnapshot } from "@fnmesh/orchestrator";
import { expect, test } from "vitest";
import { progressLines } from "./progress-lines.ts";

const launching: JobSnapshot = {
  id: "j1",
  name: "count",
  status: "launching",
  workers: { total: 2, launched: 0, joined: 0, finished: 0 },
  stages: [],
  pairs: { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 },
  bytes: { direct: 0, relay: 0, store: 0 },
  cost: { currency: "USD", total: 0.00214, platform: "aws", title: "AWS x86", comparison: true },
  elapsedMs: 5,
};
const map = { name: "map", tasks: 2, retries: 0, ms: 40, running: 2, progress: 0.5 };
const mapDone = { ...map, running: 0, progress: 1, ms: 90 };
const running: JobSnapshot = { ...launching, status: "running", elapsedMs: 140, stages: [map] };

test("each change of status and stage is one line", () => {
  expect(progressLines(undefined, launching)).toEqual(["launching 2 workers"]);
  expect(progressLines(launching, running)).toEqual([
    "running: all 2 workers joined after 0.14 s",
    "stage map begins",
  ]);
  expect(progressLines(running, { ...running, stages: [mapDone] })).toEqual([
    "stage map done: 2 tasks in 90 ms",
  ]);
});

test("what only counts on says nothing", () => {
  const later = {
    ...running,
    elapsedMs: 150,
    stages: [{ ...map, progress: 0.9 }],
    bytes: { direct: 9, relay: 0, store: 0 },
  };
  expect(progressLines(running, later)).toEqual([]);
  const done = { ...running, stages: [mapDone] };
  expect(progressLines(done, { ...done, elapsedMs: 999 })).toEqual([]);
});

test("a stage that came and went between two snapshots still has both lines", () => {
  expect(progressLines(launching, { ...running, stages: [{ ...mapDone, retries: 1 }] })).toEqual([
    "running: all 2 workers joined after 0.14 s",
    "stage map begins",
    "stage map done: 2 tasks, 1 retry in 90 ms",
  ]);
});

test("a second stage of the same name is one of its own", () => {
  const first = { ...running, stages: [mapDone] };
  expect(progressLines(first, { ...running, stages: [mapDone, map] })).toEqual(["stage map begins"]);
});
