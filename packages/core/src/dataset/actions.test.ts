import { describe, expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";

describe("output", () => {
  it("comes in order, as text, JSON lines and CSV", async () => {
    const rows = [
      { id: 2, name: 'b "quoted", with comma' },
      { id: 1, name: "a" },
    ];
    const { output } = await runCrew({ size: 3 }, async (data) => {
      const ordered = data.of(rows).sortBy(({ id }) => id);
      await ordered.saveAsText(({ name }) => name);
      await ordered.saveAsJsonl();
      await ordered.saveAsCsv(["id", "name"]);
    });
    // Each worker's parts follow each other.
    const lines = output.split("\n").filter((line) => line !== "");
    expect(lines.sort()).toEqual(
      [
        "a",
        'b "quoted", with comma',
        ...rows.map((row) => JSON.stringify(row)),
        "id,name",
        "1,a",
        '2,"b ""quoted"", with comma"',
      ].sort(),
    );
  });
});
