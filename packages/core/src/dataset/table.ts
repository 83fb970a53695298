// Values by key: added up as they come, in memory while they fit, then in runs on disk that are sorted by the keys'
// hashes, so that in the end all that belongs to one key comes together.

import { hashOf, identityOf, type Key } from "./key.ts";
import { memoryBudget, Scale } from "./memory.ts";
import { mergeSorted } from "./merge.ts";
import { type Run, SpillFile } from "./spill.ts";

/** How the values of one key become one. */
export interface Aggregation {
  create(value: unknown): unknown;
  /** May change and return what it got first. */
  add(sum: unknown, value: unknown): unknown;
  combine(left: unknown, right: unknown): unknown;
  /** Whether what it makes of many values is larger than what it makes of one. */
  readonly grows: boolean;
}

export type Entry = readonly [key: Key, sum: unknown];
type Kept = readonly [hash: number, key: Key, sum: unknown];

class Box {
  readonly key: Key;
  sum: unknown;
  constructor(key: Key, sum: unknown) {
    this.key = key;
    this.sum = sum;
  }
}

/** A box and its place in a Map. */
const boxBytes = 80;

export class Table {
  readonly #aggregation: Aggregation;
  readonly #boxes = new Map<unknown, Box>();
  readonly #scale = new Scale();

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation;
  }

  get bytes(): number {
    return this.#scale.bytes;
  }

  add(key: Key, value: unknown): void {
    const identity = identityOf(key);
    const box = this.#boxes.get(identity);
    if (box === undefined) this.#put(identity, key, this.#aggregation.create(value));
    else {
      box.sum = this.#aggregation.add(box.sum, value);
      if (this.#aggregation.grows) this.#scale.add(value, 0);
    }
  }

  merge(key: Key, sum: unknown): void {
    const identity = identityOf(key);
    const box = this.#boxes.get(identity);
    if (box === undefined) this.#put(identity, key, sum);
    else {
      box.sum = this.#aggregation.combine(box.sum, sum);
      if (this.#aggregation.grows) this.#scale.add(sum, 0);
    }
  }

  *entries(): Generator<Entry> {
    for (const { key, sum } of this.#boxes.values()) yield [key, sum];
  }

  clear(): void {
    this.#boxes.clear();
    this.#scale.reset();
  }

  #put(identity: unknown, key: Key, sum: unknown): void {
    this.#boxes.set(identity, new Box(key, sum));
    this.#scale.add([key, sum], boxBytes);
  }
}

const blockRows = 1024;

/** A table that outgrows memory. */
export class SpillingTable {
  readonly #aggregation: Aggregation;
  readonly #table: Table;
  readonly #file = new SpillFile();
  readonly #budget: number;
  readonly #runs: Run[] = [];

  constructor(aggregation: Aggregation, budget: number = memoryBudget()) {
    this.#aggregation = aggregation;
    this.#table = new Table(aggregation);
    this.#budget = budget;
  }

  get spilledBytes(): number {
    return this.#file.bytes;
  }

  add(key: Key, value: unknown): void {
    this.#table.add(key, value);
    if (this.#table.bytes > this.#budget) this.#spill();
  }

  merge(key: Key, sum: unknown): void {
    this.#table.merge(key, sum);
    if (this.#table.bytes > this.#budget) this.#spill();
  }

  /** Each key once, in no order. Closes the table when it has been read. */
  *entries(): Generator<Entry> {
    try {
      if (this.#runs.length === 0) yield* this.#table.entries();
      else {
        this.#spill();
        yield* this.#mergeRuns();
      }
    } finally {
      this.close();
    }
  }

  /** May be called twice. */
  close(): void {
    this.#table.clear();
    this.#file.close();
  }

  #spill(): void {
    const kept: Kept[] = [];
    for (const [key, sum] of this.#table.entries()) kept.push([hashOf(key), key, sum]);
    this.#table.clear();
    kept.sort(([left], [right]) => left - right);
    const run = [];
    for (let at = 0; at < kept.length; at += blockRows)
      run.push(this.#file.write(kept.slice(at, at + blockRows)));
    this.#runs.push(run);
  }

  *#mergeRuns(): Generator<Entry> {
    const runs = this.#runs.map((run) => this.#file.rowsOf(run) as Iterable<Kept>);
    const alike = new Table(this.#aggregation);
    let hash = -1;
    for (const [next, key, sum] of mergeSorted(runs, ([left], [right]) => left - right)) {
      if (next !== hash) {
        yield* alike.entries();
        alike.clear();
        hash = next;
      }
      alike.merge(key, sum);
    }
    yield* alike.entries();
  }
}
