// Rows of which each is a line of a file. A line that cannot be read is an error that says where it is, and how it begins.

import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit } from "../job/job.ts";
import { linesOf } from "./lines.ts";
import type { Batch } from "./plan.ts";

/** A line to a row; undefined for a line that is none. Throws what is wrong with it. */
export type LineReader = (line: string) => unknown;

/** A part of a file, and whether it is known to be the file's beginning. */
export interface Part {
  readonly split: InputSplit;
  readonly startsFile: boolean;
}

/**
 * The parts that a worker has. Parts follow each other through all files, so only the first one may go on with a file
 * that another worker has begun.
 */
export const partsOf = (input: readonly InputSplit[], rank: number): readonly Part[] =>
  input.map((split, index) => ({ split, startsFile: rank === 0 || index > 0 }));

/** Empty lines are no rows. Rejects with INPUT_UNREADABLE. */
export async function* recordsOf(
  parts: readonly Part[],
  rank: number,
  readerOf: (startsFile: boolean) => LineReader,
): AsyncGenerator<Batch> {
  for (const part of parts) {
    const read = readerOf(part.startsFile);
    let number = 0;
    for await (const lines of linesOf([part.split]) as AsyncIterable<readonly string[]>) {
      const rows: unknown[] = [];
      for (const line of lines) {
        number += 1;
        try {
          const row = line === "" ? undefined : read(line);
          if (row !== undefined) rows.push(row);
        } catch (thrown) {
          throw unreadable(part, rank, { line, number }, thrown);
        }
      }
      if (rows.length > 0) yield rows;
    }
  }
}

function unreadable(
  { split, startsFile }: Part,
  rank: number,
  { line, number }: { readonly line: string; readonly number: number },
  thrown: unknown,
): FnmeshError {
  const file = startsFile ? split.name : `worker ${rank}'s part of ${split.name}`;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const hint = thrown instanceof FnmeshError ? thrown.hint : undefined;
  return new FnmeshError("INPUT_UNREADABLE", `line ${number} of ${file}: ${message}: ${beginning(line)}`, {
    cause: thrown,
    rank,
    ...(hint === undefined ? {} : { hint }),
  });
}

const mostShown = 80;

/** As a terminal may show it: without control characters, and without half of a character at its end. */
function beginning(line: string): string {
  const shown = line.slice(0, mostShown).replace(/\p{Cc}/gu, "\ufffd");
  return line.length <= mostShown ? shown : `${shown.replace(/\p{Surrogate}$/u, "")}…`;
}
