import { expect, test } from "vitest";
import { StageTimes } from "./stage-times.ts";

test("a stage lasts from the first begin to the last end, and counts its tasks", () => {
  const stages = new StageTimes();
  stages.begin(0, "map", 100);
  stages.begin(1, "map", 150);
  stages.end(0, "map", 200);
  stages.begin(0, "reduce", 210);
  stages.end(1, "map", 400);
  stages.end(0, "reduce", 500);
  expect(stages.report(900)).toEqual([
    { name: "map", tasks: 2, retries: 0, ms: 300 },
    { name: "reduce", tasks: 1, retries: 0, ms: 290 },
  ]);
});

test("a stage that still runs lasts until now", () => {
  const stages = new StageTimes();
  stages.begin(0, "map", 100);
  expect(stages.snapshot(4, 350)).toEqual([
    { name: "map", tasks: 1, retries: 0, ms: 250, running: 1, progress: 0 },
  ]);
});

test("progress is of all workers' tasks: those that have not begun count as nothing done", () => {
  const stages = new StageTimes();
  for (const rank of [0, 1]) stages.begin(rank, "map", 0);
  stages.end(0, "map", 10);
  stages.progress(1, 1, 2);
  expect(stages.snapshot(4, 20)[0]).toMatchObject({ progress: 1.5 / 4, running: 1 });
  stages.progress(1, 7, 2);
  expect(stages.snapshot(4, 20)[0]!.progress).toBe(2 / 4);
});

test("progress belongs to the innermost stage", () => {
  const stages = new StageTimes();
  stages.begin(0, "outer", 0);
  stages.begin(0, "inner", 0);
  stages.progress(0, 1, 2);
  expect(stages.snapshot(1, 1).map(({ progress }) => progress)).toEqual([0, 0.5]);
});

test("a stage that a worker runs twice has two tasks", () => {
  const stages = new StageTimes();
  for (const at of [0, 10]) {
    stages.begin(0, "round", at);
    stages.end(0, "round", at + 5);
  }
  expect(stages.report(20)).toEqual([{ name: "round", tasks: 2, retries: 0, ms: 15 }]);
});

test("an end without a begin, and names without end, do no harm", () => {
  const stages = new StageTimes();
  stages.end(0, "never begun", 1);
  for (let count = 0; count < 10_000; count++) stages.begin(0, `stage ${count}`, count);
  expect(stages.report(1).length).toBeLessThan(1000);
});
