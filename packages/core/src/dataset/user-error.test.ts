import { describe, expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";
import type { Dataset } from "./dataset.ts";

describe("an error of the user's function", () => {
  it.each([
    ["map", (data: Dataset<number>, fail: (row: number) => number) => data.map(fail)],
    ["filter", (data: Dataset<number>, fail: (row: number) => number) => data.filter(fail)],
    ["keyBy", (data: Dataset<number>, fail: (row: number) => number) => data.keyBy(fail)],
    ["sortBy", (data: Dataset<number>, fail: (row: number) => number) => data.sortBy(fail)],
  ] as const)("in %s says which record of which worker", async (label, act) => {
    const fail = (row: number): number => {
      if (row === 77) throw new TypeError("seventy-seven");
      return row;
    };
    // 100 numbers on one worker; the others would wait for it for ever, as the job would end here.
    const failed = runCrew({ size: 1 }, (data) => act(data.range(100), fail).count());
    await expect(failed).rejects.toMatchObject({
      code: "JOB_THREW",
      message: `${label}, record 77 of worker 0: seventy-seven`,
      stack: expect.stringMatching(/record 77[^\n]*\n\s+at .*fail/),
    });
  });
});
