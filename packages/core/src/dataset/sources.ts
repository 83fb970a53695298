// Where rows come from: the job's input, numbers, or values that all workers have.

import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit } from "../job/job.ts";
import { type Columns, type CsvOptions, csvReader } from "./csv.ts";
import { syncInBatches } from "./execution.ts";
import { linesOf } from "./lines.ts";
import type { SourcePlan } from "./plan.ts";
import { type LineReader, partsOf, recordsOf } from "./records.ts";
import { type WordsOptions, wordCountsOf, wordsOf } from "./words.ts";

export interface FilesOptions {
  /** Which of the job's files, by name: `*` stands for anything but a slash, `**` for anything. Default: all. */
  readonly files?: string | undefined;
}

const labelOf = (kind: string, files: string | undefined): string =>
  files === undefined ? kind : `${kind} ${files}`;

export const linesPlan = ({ files }: FilesOptions = {}): SourcePlan => ({
  kind: "source",
  label: labelOf("text", files),
  open: ({ input }) => linesOf(chosen(input, files)),
});

export const wordsPlan = (options: FilesOptions & WordsOptions = {}): SourcePlan => ({
  kind: "source",
  label: labelOf("words", options.files),
  open: ({ input }) => wordsOf(chosen(input, options.files), options),
  openCounted: ({ input }) => wordCountsOf(chosen(input, options.files), options),
});

function chosen(input: readonly InputSplit[], files: string | undefined): readonly InputSplit[] {
  const isChosen = nameFilter(files);
  return input.filter(({ name }) => isChosen(name));
}

function nameFilter(files: string | undefined): (name: string) => boolean {
  if (files === undefined) return () => true;
  const pattern = globPattern(files);
  return (name) => pattern.test(name);
}

/** Matches the end of a name, from a slash on: the names of local files are paths. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const body = escaped.replace(/\*\*|\*|\?/g, (wild) =>
    wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
  );
  return new RegExp(`(^|/)${body}$`);
}

/** A row a line, as `readerOf` reads it. */
const recordsPlan = (
  kind: string,
  { files }: FilesOptions,
  readerOf: (startsFile: boolean) => LineReader,
): SourcePlan => ({
  kind: "source",
  label: labelOf(kind, files),
  open: ({ input, rank }) => {
    const isChosen = nameFilter(files);
    const parts = partsOf(input, rank).filter(({ split }) => isChosen(split.name));
    return recordsOf(parts, rank, readerOf);
  },
});

export const jsonlPlan = (options: FilesOptions): SourcePlan =>
  recordsPlan("jsonl", options, () => readDocument);

function readDocument(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new FnmeshError("INPUT_UNREADABLE", (cause as Error).message, {
      cause,
      hint: "Each line of such a file is a whole JSON document. Use text() for lines that are not.",
    });
  }
}

export const csvPlan = (options: FilesOptions & CsvOptions<Columns>): SourcePlan =>
  recordsPlan("csv", options, csvReader(options));

export function rangePlan(from: number, to: number): SourcePlan {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) {
    throw new FnmeshError("INVALID_ARGUMENT", `a range is of whole numbers, not from ${from} to ${to}`);
  }
  const count = Math.max(0, to - from);
  return {
    kind: "source",
    label: `range ${from} to ${to}`,
    open: ({ rank, size }) =>
      syncInBatches(
        numbers(from + Math.floor((count * rank) / size), from + Math.floor((count * (rank + 1)) / size)),
      ),
  };
}

function* numbers(from: number, to: number): Generator<number> {
  for (let number = from; number < to; number += 1) yield number;
}

/** Each worker takes its part of what all have. */
export const valuesPlan = (values: readonly unknown[]): SourcePlan => ({
  kind: "source",
  label: `${values.length} values`,
  open: ({ rank, size }) =>
    syncInBatches(
      values.slice(
        Math.floor((values.length * rank) / size),
        Math.floor((values.length * (rank + 1)) / size),
      ),
    ),
});
