// Rows of comma-separated values (RFC 4180), a line each: what is quoted may hold delimiters and doubled quotes, and no
// line breaks, because files are cut at them.

import { FnmeshError } from "../errors/errors.ts";

export type ColumnType = "string" | "number" | "int" | "boolean" | "date";

interface TypeOf {
  readonly string: string;
  readonly number: number;
  readonly int: number;
  readonly boolean: boolean;
  readonly date: Date;
}

export type Columns = Readonly<Record<string, ColumnType>>;
export type RowOf<C extends Columns> = { [Name in keyof C]: TypeOf[C[Name]] };

export interface CsvOptions<C extends Columns> {
  /** Names and types of the columns, in their order. An empty number or date is NaN or an invalid date. */
  readonly columns: C;
  /** Whether files begin with a line of names. Default: true. */
  readonly header?: boolean;
  /** Default: a comma. */
  readonly delimiter?: string;
}

const converters: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  string: (text) => text,
  number: (text) => (text === "" ? Number.NaN : Number(text)),
  int: (text) => (text === "" ? Number.NaN : Math.trunc(Number(text))),
  boolean: (text) => text === "true" || text === "1" || text === "t",
  date: (text) => new Date(text),
};

/** A line to a row; undefined for the line of names. Throws INVALID_ARGUMENT for a line with too few fields. */
export function csvReader({ columns, header = true, delimiter = "," }: CsvOptions<Columns>) {
  const names = Object.keys(columns);
  const converts = names.map((name) => converters[columns[name]!]);
  return (line: string): Record<string, unknown> | undefined => {
    const fields = fieldsOf(line, delimiter);
    if (fields.length < names.length) {
      throw new FnmeshError(
        "INVALID_ARGUMENT",
        `${fields.length} fields for ${names.length} columns: ${line.slice(0, 80)}`,
      );
    }
    if (header && names.every((name, index) => fields[index] === name)) return undefined;
    const row: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1)
      row[names[index]!] = converts[index]!(fields[index]!);
    return row;
  };
}

export function fieldsOf(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] !== '"') {
      const end = line.indexOf(delimiter, at);
      fields.push(line.slice(at, end < 0 ? line.length : end));
      at = end < 0 ? line.length + 1 : end + delimiter.length;
      continue;
    }
    const end = closingQuote(line, at + 1);
    fields.push(line.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 1 + delimiter.length;
  }
  return fields;
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  throw new FnmeshError("INVALID_ARGUMENT", `a quote that is not closed: ${line.slice(0, 80)}`, {
    hint: "Fields with line breaks cannot be read: files are cut at line breaks.",
  });
}

/** A line without its end. */
export function csvLine(values: readonly unknown[], delimiter = ","): string {
  return values.map((value) => csvField(value, delimiter)).join(delimiter);
}

function csvField(value: unknown, delimiter: string): string {
  const text =
    value instanceof Date ? value.toISOString() : value === null || value === undefined ? "" : String(value);
  const quoted = text.includes(delimiter) || /["\r\n]/.test(text);
  return quoted ? `"${text.replaceAll('"', '""')}"` : text;
}
