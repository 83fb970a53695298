// Where rows come from: the job's input, numbers, or values that all workers have.

import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit } from "../job/job.ts";
import { type Columns, type CsvOptions, csvReader } from "./csv.ts";
import { syncInBatches } from "./execution.ts";
import { linesOf } from "./lines.ts";
import type { Batch, Plan, PlanPlace, SourcePlan } from "./plan.ts";
import { userError } from "./user-error.ts";
import { type WordsOptions, wordCountsOf, wordsOf } from "./words.ts";

export interface FilesOptions {
  /** Which of the job's files, by name: `*` stands for anything but a slash, `**` for anything. Default: all. */
  readonly files?: string | undefined;
}

export const linesPlan = ({ files }: FilesOptions = {}, label = "text"): SourcePlan => ({
  kind: "source",
  label: files === undefined ? label : `${label} ${files}`,
  open: ({ input }) => linesOf(chosen(input, files)),
});

export const wordsPlan = (options: FilesOptions & WordsOptions = {}): SourcePlan => ({
  kind: "source",
  label: options.files === undefined ? "words" : `words ${options.files}`,
  open: ({ input }) => wordsOf(chosen(input, options.files), options),
  openCounted: ({ input }) => wordCountsOf(chosen(input, options.files), options),
});

function chosen(input: readonly InputSplit[], files: string | undefined): readonly InputSplit[] {
  if (files === undefined) return input;
  const pattern = globPattern(files);
  return input.filter(({ name }) => pattern.test(name));
}

/** Matches the end of a name, from a slash on: the names of local files are paths. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const body = escaped.replace(/\*\*|\*|\?/g, (wild) =>
    wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
  );
  return new RegExp(`(^|/)${body}$`);
}

/** Each line through `read`, which may leave one out by undefined. */
function readLines(lines: SourcePlan, label: string, read: (line: string) => unknown): Plan {
  return {
    kind: "narrow",
    label,
    from: lines,
    make: ({ rank }: PlanPlace) => {
      let record = 0;
      return (batch: Batch) => {
        const rows: unknown[] = [];
        for (const line of batch as readonly string[]) {
          try {
            const row = line === "" ? undefined : read(line);
            if (row !== undefined) rows.push(row);
          } catch (thrown) {
            throw userError(label, rank, record, thrown);
          }
          record += 1;
        }
        return rows;
      };
    },
  };
}

export const jsonlPlan = (options: FilesOptions): Plan =>
  readLines(linesPlan(options), "jsonl", (line) => JSON.parse(line) as unknown);

export const csvPlan = (options: FilesOptions & CsvOptions<Columns>): Plan =>
  readLines(linesPlan(options), "csv", csvReader(options));

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
