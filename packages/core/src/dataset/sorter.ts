// Puts rows in order: in memory while they fit, then in sorted runs on disk that are merged at the end.

import { Scale } from "./memory.ts";
import { SortedRuns } from "./runs.ts";

const rowBytes = 24;

export class Sorter<T> {
  readonly #compare: (left: T, right: T) => number;
  readonly #budget: number;
  readonly #runs: SortedRuns<T>;
  readonly #scale = new Scale();
  #rows: T[] = [];

  constructor(compare: (left: T, right: T) => number, budget: number) {
    this.#compare = compare;
    this.#budget = budget;
    this.#runs = new SortedRuns(compare, budget);
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
      if (this.#runs.isEmpty) yield* this.#rows;
      else yield* this.#runs.merged(this.#rows);
    } finally {
      this.close();
    }
  }

  get memoryBytes(): number {
    return this.#scale.bytes;
  }

  toDisk(): void {
    this.#spill();
  }

  /** May be called twice. */
  close(): void {
    this.#rows = [];
    this.#scale.reset();
    this.#runs.close();
  }

  #spill(): void {
    const rows = this.#rows;
    this.#rows = [];
    this.#runs.add(rows, this.#scale.bytes);
    this.#scale.reset();
  }
}
