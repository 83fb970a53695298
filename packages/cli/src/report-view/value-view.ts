// Whatever a job returned, as lines for a person: text as it is, lists of records as tables, objects as keys and
// values. The whole of it is in the --json report; here a long one is cut, and says so.

import { columnsOf, fit, oneLine, printable } from "../text/columns.ts";
import { formatCount } from "../text/format.ts";
import { type Line, piece } from "../text/paint.ts";
import { isScalar, type Scalar, scalarText, tableLines } from "./table.ts";

const mostRows = 50;
const mostTableColumns = 12;
const mostDepth = 4;

/** The value's lines; none for null and undefined. */
export function valueLines(value: unknown, depth = 0): Line[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return atMost(printable(value).split("\n"), (line) => [piece(line)]);
  if (isScalar(value)) return [[piece(scalarText(value))]];
  if (depth >= mostDepth) return [[piece(oneLine(JSON.stringify(value) ?? String(value)))]];
  if (Array.isArray(value)) return listLines(value, depth);
  return objectLines(value as Readonly<Record<string, unknown>>, depth);
}

function listLines(list: readonly unknown[], depth: number): Line[] {
  if (list.length === 0) return [[piece("(empty list)", "dim")]];
  const shown = list.slice(0, mostRows);
  return [...shownList(shown, depth), ...moreLine(list.length - shown.length)];
}

function shownList(list: readonly unknown[], depth: number): Line[] {
  if (list.every(isScalar)) return list.map((value) => [piece(scalarText(value))]);
  if (list.every(isRow)) return tableLines(list);
  const records = list.every(isFlatRecord) ? list : undefined;
  const keys = [...new Set(records?.flatMap((record) => Object.keys(record)))];
  if (records !== undefined && keys.length > 0 && keys.length <= mostTableColumns) {
    return tableLines(
      records.map((record) => keys.map((key) => record[key])),
      keys.map(oneLine),
    );
  }
  return list.flatMap((value) => bulleted(valueLines(value, depth + 1)));
}

function objectLines(object: Readonly<Record<string, unknown>>, depth: number): Line[] {
  const entries = Object.entries(object);
  if (entries.length === 0) return [[piece("(empty)", "dim")]];
  const shown = entries.slice(0, mostRows);
  const names = shown.map(([key]) => oneLine(key));
  const width = Math.min(30, Math.max(...names.map(columnsOf)));
  const lines = shown.flatMap(([, value], i) => entryLines(fit(names[i]!, width), value, depth));
  return [...lines, ...moreLine(entries.length - shown.length)];
}

/** `key  value` on one line where the value takes one, else the value indented below its key. */
function entryLines(name: string, value: unknown, depth: number): Line[] {
  if (isScalar(value) && !(typeof value === "string" && value.includes("\n"))) {
    return [[piece(`${name}  `, "dim"), piece(scalarText(value))]];
  }
  return [[piece(name.trimEnd(), "dim")], ...indented(valueLines(value, depth + 1))];
}

const isRow = (value: unknown): value is readonly Scalar[] =>
  Array.isArray(value) && value.length > 0 && value.length <= mostTableColumns && value.every(isScalar);

const isFlatRecord = (value: unknown): value is Readonly<Record<string, Scalar>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isScalar);

export const indented = (lines: readonly Line[]): Line[] => lines.map((line) => [piece("  "), ...line]);

const bulleted = (lines: readonly Line[]): Line[] =>
  lines.map((line, i) => [piece(i === 0 ? "- " : "  ", "dim"), ...line]);

const moreLine = (count: number): Line[] =>
  count > 0 ? [[piece(`… and ${formatCount(count)} more: --json has them all`, "dim")]] : [];

function atMost(texts: readonly string[], line: (text: string) => Line): Line[] {
  const shown = texts.slice(0, mostRows);
  return [...shown.map(line), ...moreLine(texts.length - shown.length)];
}
