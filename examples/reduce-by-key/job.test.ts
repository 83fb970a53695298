import fc from "fast-check";
import { describe, expect, it } from "vitest";
import job from "./job.ts";
import { naiveCounts, naiveOutput, naiveTop } from "./testing/naive.ts";
import { runTeam } from "./testing/team.ts";
import { text } from "./testing/texts.ts";

describe("reduce-by-key", () => {
  it("gives the counts of the plainest way, sorted, on any number of workers", async () => {
    const inputs = fc.array(fc.array(text, { maxLength: 3 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(inputs, async (inputs) => {
        const counts = naiveCounts(inputs.flat());
        const { results, output } = await runTeam(job, inputs, { top: "2" });
        expect(output).toBe(naiveOutput(counts));
        expect(results[0]).toEqual({
          words: [...counts.values()].reduce((sum, count) => sum + count, 0),
          distinct: counts.size,
          top: naiveTop(counts, 2),
        });
        expect(results.slice(1).every((result) => result === undefined)).toBe(true);
      }),
    );
  });

  it("goes through the same stages on every worker", async () => {
    const { stages } = await runTeam(job, [["a b"], [], ["b"]]);
    expect(stages).toEqual(Array(3).fill(["map", "sample", "shuffle", "reduce", "sort"]));
  });

  it("shows ten words unless told otherwise", async () => {
    const { results } = await runTeam(job, [["a b c d e f g h i j k l m"]]);
    expect(results[0]).toMatchObject({ top: { length: 10 } });
  });

  it.each(["", "-1", "1.5", "ten", "1001"])("refuses top=%s", async (top) => {
    await expect(runTeam(job, [["a"]], { top })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      hint: expect.stringContaining("--param top=10"),
    });
  });
});
