import { expect, test } from "vitest";
import { collectives, sizesOf } from "./figures.ts";
import { sizesIn, stagesOf } from "./stages.ts";

test.each(["local", "cloud"] as const)(
  "%s: every value of every collective is measured in one stage",
  (setting) => {
    const stages = stagesOf({ setting });
    for (const collective of collectives) {
      const measured = stages.flatMap((stage) => sizesIn(stage, collective));
      expect(measured).toEqual(sizesOf(collective));
    }
    for (const { sizes, counts, repetitions } of stages) {
      for (const { name } of sizes) expect(counts[name]).toBeGreaterThan(0);
      expect(repetitions.compared).toBeGreaterThan(0);
    }
  },
);

test("on this machine nothing is dilated, and all sizes are one job's; a cloud's time is the slower the smaller they are", () => {
  expect(stagesOf({ setting: "local" }).map(({ dilation }) => dilation)).toEqual([1]);
  const dilations = stagesOf({ setting: "cloud" }).map(({ dilation }) => dilation);
  expect(dilations).toEqual([...dilations].sort((one, other) => other - one));
});

test("what was asked for holds: repetitions of small values, and one dilation for all", () => {
  const [stage] = stagesOf({ setting: "local", repetitions: 2 });
  expect(stage!.repetitions).toEqual({ compared: 2, single: 2 });
  const cloud = stagesOf({ setting: "cloud", repetitions: 5, dilation: 100 });
  expect(cloud.map(({ dilation }) => dilation)).toEqual([100, 100, 100]);
  expect(cloud.map(({ repetitions }) => repetitions.compared)).toEqual([5, 5, 1]);
});
