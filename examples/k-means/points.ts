// Lines of a CSV file to points: the columns that the job is asked for, as numbers.

import { FnmeshError } from "fnmesh";

export interface Points {
  readonly dimensions: number;
  /** Point i is values[i * dimensions] and those after it. */
  readonly values: Float64Array;
}

export const countOf = ({ values, dimensions }: Points): number => values.length / dimensions;

/** Where in a line the columns are. Throws INVALID_ARGUMENT for one that the header does not name. */
export function columnsOf(header: string, names: readonly string[]): number[] {
  const all = fieldsOf(header);
  return names.map((name) => {
    const column = all.indexOf(name);
    if (column >= 0) return column;
    throw new FnmeshError("INVALID_ARGUMENT", `there is no column "${name}" in the input`, {
      hint: `Its first line names ${all.join(", ")}; choose with --param columns=NAME,NAME`,
    });
  });
}

/** Throws INVALID_ARGUMENT for a line without a number in one of the columns. */
export function pointsOf(lines: readonly string[], columns: readonly number[]): Points {
  const values = new Float64Array(lines.length * columns.length);
  let filled = 0;
  for (const line of lines) {
    const fields = fieldsOf(line);
    for (const column of columns) values[filled++] = numberIn(fields[column], line);
  }
  return { dimensions: columns.length, values };
}

function numberIn(field: string | undefined, line: string): number {
  const value = Number(field || Number.NaN);
  if (Number.isFinite(value)) return value;
  throw new FnmeshError("INVALID_ARGUMENT", `"${field ?? ""}" is not a number, in the line ${line}`);
}

/** Fields stand between commas; one in quotes may have commas, and quotes written twice. */
export const fieldsOf = (line: string): string[] =>
  [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
