import { runJob } from "fnmesh/testing";
import { expect, test } from "vitest";
import job from "./job.ts";

test("counts over files and workers, and writes in order", async () => {
  const input = ["The whale, the WHALE;\nthe whale's.", "", "Ahab\r\nahab"];
  const { result, output } = await runJob(job, { workers: 3, input, params: { top: "2" } });
  expect(output.toString()).toBe("ahab\t2\ns\t1\nthe\t3\nwhale\t3\n");
  expect(result).toEqual({
    distinct: 4,
    top: [
      { word: "the", count: 3 },
      { word: "whale", count: 3 },
    ],
  });
});

test("refuses a parameter that is no number", async () => {
  await expect(runJob(job, { workers: 1, input: ["a"], params: { top: "many" } })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("top"),
  });
});
