// The values of a CSV file's fields, by the type of their column.

export type ColumnType = "string" | "number" | "int" | "boolean" | "date";

export interface TypeOf {
  readonly string: string;
  readonly number: number;
  readonly int: number;
  readonly boolean: boolean;
  readonly date: Date;
}

interface Conversion {
  /** Undefined for a text that is no such value. */
  readonly read: (text: string) => unknown;
  /** What such a value is, for the person whose file has another one. */
  readonly wanted: string;
}

export const conversions: Readonly<Record<ColumnType, Conversion>> = {
  string: { read: (text) => text, wanted: "a text" },
  number: { read: numberOf, wanted: "a number" },
  int: { read: wholeOf, wanted: "a whole number that a JavaScript number can hold" },
  boolean: { read: booleanOf, wanted: "true, t, 1, false, f or 0" },
  date: { read: dateOf, wanted: "a date such as 2026-11-23 or 2026-11-23T20:30:00Z" },
};

function numberOf(text: string): number | undefined {
  const number = Number(text);
  // Blanks would be 0.
  if (number === 0 && text.trim() === "") return Number.NaN;
  return Number.isNaN(number) && text.trim() !== "NaN" ? undefined : number;
}

function wholeOf(text: string): number | undefined {
  const number = numberOf(text);
  return number === undefined || Number.isNaN(number) || Number.isSafeInteger(number) ? number : undefined;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["t", true],
  ["1", true],
  ["false", false],
  ["f", false],
  ["0", false],
  ["", false],
]);

function booleanOf(text: string): boolean | undefined {
  return booleans.get(text) ?? booleans.get(text.trim().toLowerCase());
}

/** ISO 8601, also with a blank for the T, as databases write it. `Date` alone takes "no 1" for a day in 2001. */
const isoDate = /^\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?)?)?$/;
/** Every month has so many days. */
const leastMonthDays = 28;

function dateOf(text: string): Date | undefined {
  const written = text.trim();
  const date = new Date(written);
  if (written === "") return date;
  if (Number.isNaN(date.getTime()) || !isoDate.test(written)) return undefined;
  // `Date` takes the 30th of February for the 2nd of March.
  const day = Number(written.slice(8, 10));
  return day > leastMonthDays && day > daysOfMonth(written) ? undefined : date;
}

const daysOfMonth = (date: string): number =>
  new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
