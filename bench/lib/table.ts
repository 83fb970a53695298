// Rows as a table for people: numbers to the right, words to the left, percentiles as median/99 %.

import type { Row } from "./scenario.ts";

export function table(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => shown(row[name])));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((line) => line[column]!.length)),
  );
  const isNumber = names.map((name) => rows.some((row) => ["number", "object"].includes(typeof row[name])));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, column) =>
        isNumber[column] ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return [line(names), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

function shown(value: Row[string] | undefined): string {
  if (value === undefined) return "";
  return typeof value === "object" ? `${value.p50Ms}/${value.p99Ms}` : String(value);
}
