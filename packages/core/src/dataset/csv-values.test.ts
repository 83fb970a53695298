import { expect, it } from "vitest";
import { type ColumnType, conversions } from "./csv-values.ts";

const values: readonly (readonly [type: ColumnType, text: string, value: unknown])[] = [
  ["string", " a ", " a "],
  ["string", "", ""],
  ["number", "-1.5e3", -1500],
  ["number", " 7 ", 7],
  ["number", "-Infinity", Number.NEGATIVE_INFINITY],
  ["number", "NaN", Number.NaN],
  ["number", "", Number.NaN],
  ["number", " ", Number.NaN],
  ["int", "-42", -42],
  ["int", "17.00", 17],
  ["int", "", Number.NaN],
  ["boolean", "true", true],
  ["boolean", "T", true],
  ["boolean", "1", true],
  ["boolean", "False", false],
  ["boolean", "0", false],
  ["boolean", "", false],
  ["date", "2024-02-29", new Date(Date.UTC(2024, 1, 29))],
  ["date", "2026-11-23T20:30:00+01:00", new Date(Date.UTC(2026, 10, 23, 19, 30))],
  ["date", "2026-11-23 20:30:00.5Z", new Date(Date.UTC(2026, 10, 23, 20, 30, 0, 500))],
  ["date", "", new Date(Number.NaN)],
];

it.each(values)("a %s column reads %j as %s", (type, text, value) => {
  expect(conversions[type].read(text)).toEqual(value);
});

const others: readonly (readonly [type: ColumnType, text: string])[] = [
  ["number", "abc"],
  ["number", "1,5"],
  ["number", "12 kg"],
  ["int", "abc"],
  ["int", "3.7"],
  ["int", "12345678901234567890"],
  ["int", "Infinity"],
  ["boolean", "yes"],
  ["boolean", "2"],
  ["date", "yesterday"],
  ["date", "no 1"],
  ["date", "12/10/1815"],
  ["date", "2026-13-01"],
  ["date", "2026-02-30"],
  ["date", "2025-02-29T12:00:00Z"],
];

it.each(others)("a %s column has no %j", (type, text) => {
  expect(conversions[type].read(text)).toBeUndefined();
});
