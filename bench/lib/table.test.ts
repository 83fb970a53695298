import { expect, test } from "vitest";
import { table } from "./table.ts";

test("numbers stand to the right, words to the left, and what a row does not have stays empty", () => {
  const rows = [
    { what: "fnmesh", mibPerS: 912 },
    { what: "bare tls, the rival", mibPerS: 1004, note: "x" },
  ];
  expect(table(rows)).toBe(
    [
      "what                 mibPerS  note",
      "-------------------  -------  ----",
      "fnmesh                   912",
      "bare tls, the rival     1004  x",
    ].join("\n"),
  );
});

test("percentiles stand as median/99 %", () => {
  expect(table([{ dial: { p50Ms: 3, p99Ms: 12.5 } }])).toBe("  dial\n------\n3/12.5");
});

test("no rows make an empty table", () => {
  expect(table([])).toBe("\n");
});
