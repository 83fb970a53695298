// Runs the job with all its workers in this process, over a network in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runJob } from "fnmesh/testing";
import job from "./job.ts";

const input = ["Abba\n", "a cab\n".repeat(100)];
const counted = {
  total: 404,
  top: [
    { letter: "a", count: 202 },
    { letter: "b", count: 102 },
  ],
};

test("counts the letters of all workers' parts", async () => {
  for (const workers of [1, 2, 7]) {
    const { result } = await runJob(job, { workers, input, params: { top: "2" } });
    assert.deepEqual(result, counted);
  }
});

test("counts the same behind NATs that keep workers apart, with lost packets", async () => {
  const nat = ["symmetric", "symmetric", "restricted"] as const;
  const { result, report } = await runJob(job, { nat, link: { synLoss: 0.2 }, input, params: { top: "2" } });
  assert.deepEqual(result, counted);
  assert.ok(report.pairs.relay > 0);
});

test("fails when a worker dies, and says which", async () => {
  const dying = runJob(job, { input, faults: [{ kill: 2, at: { stage: "add up" } }] });
  await assert.rejects(dying, { code: "WORKER_LOST", rank: 2 });
});

test("refuses a parameter that is no number", async () => {
  await assert.rejects(runJob(job, { params: { top: "many" } }), { code: "INVALID_ARGUMENT" });
});
