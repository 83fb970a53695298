// Puts rows in order: in memory while they fit, then in sorted runs on disk that are merged at the end.

import { memoryBudget, Scale } from "./memory.ts";
import { mergeSorted } from "./merge.ts";
import { type Run, SpillFile } from "./spill.ts";

const blockRows = 1024;
const rowBytes = 24;

export class Sorter<T> {
  readonly #compare: (left: T, right: T) => number;
  readonly #budget: number;
  readonly #file = new SpillFile();
  readonly #scale = new Scale();
  readonly #runs: Run[] = [];
  #rows: T[] = [];

  constructor(compare: (left: T, right: T) => number, budget: number = memoryBudget()) {
    this.#compare = compare;
    this.#budget = budget;
  }

  get spilledBytes(): number {
    return this.#file.bytes;
  }

  add(row: T): void {
    this.#rows.push(row);
    this.#scale.add(row, rowBytes);
    if (this.#scale.bytes > this.#budget) this.#spill();
  }

  /** All rows, in order; equal ones as they came. Closes the sorter when they have been read. */
  *rows(): Generator<T> {
    try {
      this.#rows.sort(this.#compare);
      if (this.#runs.length === 0) yield* this.#rows;
      else {
        const runs = this.#runs.map((run) => this.#file.rowsOf(run) as Iterable<T>);
        yield* mergeSorted([...runs, this.#rows], this.#compare);
      }
    } finally {
      this.close();
    }
  }

  /** May be called twice. */
  close(): void {
    this.#rows = [];
    this.#file.close();
  }

  #spill(): void {
    this.#rows.sort(this.#compare);
    const run = [];
    for (let at = 0; at < this.#rows.length; at += blockRows) {
      run.push(this.#file.write(this.#rows.slice(at, at + blockRows)));
    }
    this.#runs.push(run);
    this.#rows = [];
    this.#scale.reset();
  }
}
