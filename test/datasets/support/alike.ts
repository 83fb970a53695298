// Whether two engines say the same: sums of fractions differ by the order in which they were added up.

import { expect } from "vitest";

type Rows = readonly (readonly unknown[])[];

const tolerance = 1e-9;

/** Rows of the same values, in the same order where there is one. */
export function expectAlike(name: string, rows: Rows, wanted: Rows, ordered: boolean): void {
  expect(rows.length, `${name}: rows`).toBe(wanted.length);
  const [left, right] = ordered ? [rows, wanted] : [sorted(rows), sorted(wanted)];
  for (const [place, row] of left.entries()) {
    const alike =
      row.length === right[place]!.length && row.every((value, at) => isAlike(value, right[place]![at]));
    if (!alike) expect(row, `${name}: row ${place}`).toEqual(right[place]);
  }
}

function isAlike(value: unknown, wanted: unknown): boolean {
  if (typeof value !== "number" || typeof wanted !== "number") return value === wanted;
  return Math.abs(value - wanted) <= tolerance * Math.abs(wanted);
}

/** By their exact values: texts and whole numbers, of which each row has others. */
function sorted(rows: Rows): Rows {
  const exact = (row: readonly unknown[]) =>
    JSON.stringify(row.filter((value) => typeof value === "string" || Number.isInteger(value)));
  return rows
    .map((row) => ({ row, by: exact(row) }))
    .sort((one, other) => (one.by < other.by ? -1 : 1))
    .map(({ row }) => row);
}
