// Rows of comma-separated values (RFC 4180), a line each: what is quoted may hold delimiters and doubled quotes, and no
// line breaks, because files are cut at them.

import { FnmeshError } from "../errors/errors.ts";
import { type ColumnType, conversions, type TypeOf } from "./csv-values.ts";
import type { LineReader } from "./records.ts";

export type { ColumnType };
export type Columns = Readonly<Record<string, ColumnType>>;
export type RowOf<C extends Columns> = { [Name in keyof C]: TypeOf[C[Name]] };

export interface CsvOptions<C extends Columns> {
  /**
   * Names and types of the columns, in the order of the file; further fields of a line are left out. An empty number,
   * int or date is NaN or an invalid date, an empty boolean is false.
   */
  readonly columns: C;
  /**
   * Whether files begin with a line of names, which must begin with those of `columns`, in their order. Default: true.
   */
  readonly header?: boolean;
  /** Default: a comma. */
  readonly delimiter?: string;
}

/** For the lines of one part of a file. What the reader throws is for `recordsOf`, which knows where the line is. */
export function csvReader(options: CsvOptions<Columns>): (startsFile: boolean) => LineReader {
  const { columns, header = true, delimiter = "," } = options;
  const names = Object.keys(columns);
  const read = rowReader(columns, names);
  return (startsFile) => {
    let isFirst = header;
    return (line) => {
      const fields = fieldsOf(line, delimiter);
      if (isFirst) {
        isFirst = false;
        if (isHeader(fields, names, startsFile)) return undefined;
      }
      return read(fields);
    };
  };
}

/**
 * Whether the first line of a part is the line of names. Throws for one that is not as the columns are: in another order,
 * or, where the file begins for sure, with other names.
 */
function isHeader(fields: readonly string[], names: readonly string[], startsFile: boolean): boolean {
  const found = fields.map((field) => field.trim());
  if (names.every((name, index) => found[index] === name)) return true;
  if (!startsFile && !names.every((name) => found.includes(name))) return false;
  throw malformed(
    `the line of names does not begin with ${names.join(", ")}`,
    "Give `columns` in the order of the file and by its names, or `header: false` for files without a line of names.",
  );
}

/** Types are checked by the compiler, where there is one. */
function conversionOf(name: string, type: keyof typeof conversions) {
  if (Object.hasOwn(conversions, type)) return conversions[type];
  throw new FnmeshError("INVALID_ARGUMENT", `the column ${name} is of no known type: "${type}"`, {
    hint: `Columns are of: ${Object.keys(conversions).join(", ")}.`,
  });
}

function rowReader(columns: Columns, names: readonly string[]) {
  const reads = names.map((name) => conversionOf(name, columns[name]!).read);
  return (fields: readonly string[]): Record<string, unknown> => {
    if (fields.length < names.length) {
      throw malformed(
        `${fields.length} fields for ${names.length} columns`,
        "Each line has a field for each of `columns`, between delimiters: are they those of the file?",
      );
    }
    const row: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index]!;
      const value = reads[index]!(fields[index]!);
      if (value === undefined) throw notOfType(name, columns[name]!, fields[index]!);
      row[name] = value;
    }
    return row;
  };
}

const mostShown = 40;

function notOfType(name: string, type: ColumnType, field: string): FnmeshError {
  const shown = field.length <= mostShown ? field : `${field.slice(0, mostShown)}…`;
  return malformed(
    `column ${name}: "${shown}" is not ${conversions[type].wanted}`,
    `Make the column a "string" and convert it in \`map\`, if other values belong there.`,
  );
}

const malformed = (message: string, hint: string): FnmeshError =>
  new FnmeshError("INPUT_UNREADABLE", message, { hint });

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
    if (end + 1 < line.length && !line.startsWith(delimiter, end + 1)) {
      throw malformed(
        "a quoted field that goes on after its quote",
        "A quote within a quoted field is doubled.",
      );
    }
  }
  return fields;
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at;
  }
  throw malformed(
    "a quote that is not closed",
    "Fields with line breaks cannot be read: files are cut at line breaks.",
  );
}

/** A line without its end. */
export function csvLine(values: readonly unknown[], delimiter = ","): string {
  return values.map((value) => csvField(value, delimiter)).join(delimiter);
}

function csvField(value: unknown, delimiter: string): string {
  const text = value instanceof Date ? dateText(value) : String(value ?? "");
  const quoted = text.includes(delimiter) || /["\r\n]/.test(text);
  return quoted ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An invalid date is what an empty field is read as. */
const dateText = (date: Date): string => (Number.isNaN(date.getTime()) ? "" : date.toISOString());
