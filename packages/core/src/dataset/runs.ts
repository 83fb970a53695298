// Sorted runs of rows on disk, and their merge. Only a block of each run is in memory at a time, and only so many runs
// are merged at once: when there are more, they are merged into one longer run first.

import { mergeSorted } from "./merge.ts";
import { type Run, SpillFile } from "./spill.ts";

/** With runs of 10 MB two levels of these hold 10 GB, and each row is written twice. */
const mostRuns = 32;
const mostBlockRows = 1024;

/** Runs of about the same length, in the order in which they came. */
interface Level {
  file: SpillFile;
  runs: Run[];
}

export class SortedRuns<T> {
  readonly #compare: (left: T, right: T) => number;
  readonly #blockBytes: number;
  readonly #levels: Level[] = [];
  #blockRows = mostBlockRows;

  /** `budget`: bytes of memory that the blocks of all runs may take together. */
  constructor(compare: (left: T, right: T) => number, budget: number) {
    this.#compare = compare;
    this.#blockBytes = budget / mostRuns / 2;
  }

  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }

  /** Sorts the rows, which take about so many bytes of memory, and writes them. */
  add(rows: T[], bytes: number): void {
    if (rows.length === 0) return;
    const fitting = Math.floor((this.#blockBytes * rows.length) / Math.max(1, bytes));
    this.#blockRows = Math.max(1, Math.min(this.#blockRows, fitting));
    this.#append(0, rows.sort(this.#compare));
  }

  /** All rows in order, with `last` after equal ones. */
  *merged(last: readonly T[] = []): Generator<T> {
    // Longer runs are of earlier rows.
    const runs = this.#levels.toReversed().flatMap((level) => rowsOfLevel<T>(level));
    yield* mergeSorted([...runs, last], this.#compare);
  }

  /** May be called twice. */
  close(): void {
    for (const { file } of this.#levels.splice(0)) file.close();
  }

  #append(at: number, rows: Iterable<T>): void {
    this.#levels[at] ??= { file: new SpillFile(), runs: [] };
    const level = this.#levels[at];
    level.runs.push(this.#write(level.file, rows));
    if (level.runs.length < mostRuns) return;
    this.#append(at + 1, mergeSorted(rowsOfLevel<T>(level), this.#compare));
    level.file.close();
    this.#levels[at] = { file: new SpillFile(), runs: [] };
  }

  #write(file: SpillFile, rows: Iterable<T>): Run {
    const run = [];
    let block: T[] = [];
    for (const row of rows) {
      block.push(row);
      if (block.length < this.#blockRows) continue;
      run.push(file.write(block));
      block = [];
    }
    if (block.length > 0) run.push(file.write(block));
    return run;
  }
}

const rowsOfLevel = <T>({ file, runs }: Level): Iterable<T>[] =>
  runs.map((run) => file.rowsOf(run) as Iterable<T>);
