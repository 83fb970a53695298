import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseBytes } from "../lib/bytes.ts";
import { algorithmsOf, choicesFor, chosenBy } from "./algorithms.ts";
import { type Collective, collectives, sizesOf } from "./figures.ts";

const document = readFileSync(new URL("../../docs/COLLECTIVES.md", import.meta.url), "utf8");
const cellsOf = (line: string) => line.split("|").map((cell) => cell.trim());

/** The table of what is taken: a row for each collective and size, a column for each number of members. */
const lines = document.split("\n");
const begin = lines.findIndex((line) => line.startsWith("| operation | n |"));
const members = cellsOf(lines[begin]!)
  .slice(3, -1)
  .map((cell) => Number.parseInt(cell, 10));
const rows = lines.slice(begin + 2, lines.indexOf("", begin)).map((line) => {
  const [, name, size, ...chosen] = cellsOf(line);
  const bytes = size === "" ? 0 : parseBytes(size!.replace(" ", ""))!;
  return { collective: name!.replaceAll("`", "") as Collective, bytes, chosen: chosen.slice(0, -1) };
});

describe("the documented table of choices", () => {
  test("has every collective and size", () => {
    const all = collectives.flatMap((collective) =>
      sizesOf(collective).map(({ bytes }) => `${collective} ${bytes}`),
    );
    expect(rows.map(({ collective, bytes }) => `${collective} ${bytes}`).sort()).toEqual(all.sort());
  });

  test.each(rows)("is what is taken: $collective of $bytes bytes", ({ collective, bytes, chosen }) => {
    expect(members.map((size) => chosenBy(collective, size, bytes))).toEqual(chosen);
  });
});

test("whatever is taken is an algorithm that can be forced", () => {
  for (const { collective, bytes } of rows) {
    for (const size of members) {
      const algorithm = chosenBy(collective, size, bytes);
      expect(algorithmsOf(collective)).toContain(algorithm);
      expect(() => choicesFor(collective, algorithm)).not.toThrow();
    }
  }
});
