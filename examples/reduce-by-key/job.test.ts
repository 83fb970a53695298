import fc from "fast-check";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import job from "./job.ts";
import { naiveCounts, naiveOutput, naiveTop } from "./testing/naive.ts";
import { text } from "./testing/texts.ts";

describe("reduce-by-key", () => {
  it("gives the counts of the plainest way, sorted, on any number of workers", async () => {
    const inputs = fc.array(fc.array(text, { maxLength: 3 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(inputs, fc.nat(), async (inputByRank, seed) => {
        const counts = naiveCounts(inputByRank.flat());
        const options = { params: { top: "2" }, chunkBytes: 7, encrypt: false, seed };
        const { results, output } = await runJob(job, { inputByRank, ...options });
        expect(output).toBe(naiveOutput(counts));
        expect(results[0]).toEqual({
          words: [...counts.values()].reduce((sum, count) => sum + count, 0),
          distinct: counts.size,
          top: naiveTop(counts, 2),
        });
        expect(results.slice(1).every((result) => result === undefined)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("goes through the same stages on every worker", async () => {
    const { report } = await runJob(job, { inputByRank: [["a b"], [], ["b"]] });
    expect(report.stages.map(({ name, tasks }) => [name, tasks])).toEqual(
      ["map", "sample", "shuffle", "reduce", "sort"].map((name) => [name, 3]),
    );
  });

  it("gives the same behind NATs that cannot be punched, and with lost packets", async () => {
    const input = ["the whale the sea\n".repeat(50)];
    const { output, report } = await runJob(job, { input, nat: "symmetric", link: { synLoss: 0.2 } });
    expect(output).toBe("sea\t50\nthe\t100\nwhale\t50\n");
    expect(report.pairs).toMatchObject({ direct: 0, relay: 6 });
  });

  it("has no output when a worker dies in the middle", async () => {
    const dying = runJob(job, { input: ["a b c\n"], faults: [{ kill: 2, at: { stage: "reduce" } }] });
    await expect(dying).rejects.toMatchObject({ code: "WORKER_LOST", rank: 2 });
  });

  it("shows ten words unless told otherwise", async () => {
    const { result } = await runJob(job, { input: ["a b c d e f g h i j k l m"] });
    expect(result).toMatchObject({ top: { length: 10 } });
  });

  it.each(["", "-1", "1.5", "ten", "1001"])("refuses top=%s", async (top) => {
    await expect(runJob(job, { input: ["a"], params: { top } })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: expect.stringContaining("--param top=10"),
    });
  });
});
