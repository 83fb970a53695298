import { describe, expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";

describe("a plan", () => {
  it("runs only when an action asks, once with a cache, and again without", async () => {
    let calls = 0;
    const { results } = await runCrew({ size: 3 }, async (data) => {
      const counted = data.range(30).map((row) => {
        calls += 1;
        return row;
      });
      const kept = counted.cache();
      expect([await kept.count(), await kept.count(), await counted.count()]).toEqual([30, 30, 30]);
      return kept.explain();
    });
    expect(calls).toBe(60);
    expect(results[0]).toBe("cache (filled)\n+- map\n  +- range 0 to 30");
  });

  it("shows itself", async () => {
    const { results } = await runCrew({ size: 1 }, async (data) =>
      data
        .text({ files: "*.txt" })
        .keyBy((line) => line.length)
        .join(data.range(3).map((row) => [row, row] as [number, number]))
        .sortBy(([key]) => key)
        .explain(),
    );
    expect(results[0]).toBe(
      [
        "~~> sortBy",
        "+- ~~> join",
        "  +- keyBy",
        "    +- text *.txt",
        "  +- map",
        "    +- range 0 to 3",
      ].join("\n"),
    );
  });

  it("is a stage for each of its actions", async () => {
    const { stages } = await runCrew({ size: 2 }, async (data) => {
      await data.range(3).count();
      await data.range(3).saveAsText();
    });
    expect(stages).toEqual([
      ["count", "saveAsText"],
      ["count", "saveAsText"],
    ]);
  });
});
