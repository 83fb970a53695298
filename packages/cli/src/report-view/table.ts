// Rows of short values in aligned columns: text to the left, numbers to the right.

import { columnsOf, fit, oneLine } from "../text/columns.ts";
import { type Line, piece } from "../text/paint.ts";

/** What fits into a cell. */
export type Scalar = string | number | boolean | null | undefined;

export const isScalar = (value: unknown): value is Scalar =>
  value === null || value === undefined || ["string", "number", "boolean"].includes(typeof value);

/** A scalar as a person reads it; whole numbers are grouped. */
export function scalarText(value: Scalar): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
  return oneLine(String(value));
}

const gap = "  ";

/** The table's lines; a header's line first, where there is one. */
export function tableLines(rows: readonly (readonly Scalar[])[], header?: readonly string[]): Line[] {
  const texts = rows.map((row) => row.map(scalarText));
  const all = header === undefined ? texts : [header, ...texts];
  const count = Math.max(0, ...all.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, i) => ({
    width: Math.max(...all.map((row) => columnsOf(row[i] ?? ""))),
    align: rows.every((row) => typeof row[i] === "number") ? ("right" as const) : ("left" as const),
  }));
  const layOut = (row: readonly string[]) =>
    columns.map(({ width, align }, i) => fit(row[i] ?? "", width, align)).join(gap);
  return [
    ...(header === undefined ? [] : [[piece(layOut(header), "dim")]]),
    ...texts.map((row) => [piece(layOut(row))]),
  ];
}
