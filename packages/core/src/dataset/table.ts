// Values by key: added up as they come, in memory while they fit, then in runs on disk that are sorted by the keys'
// hashes, so that in the end all that belongs to one key comes together.

import { hashOf, identityOf, type Key } from "./key.ts";
import { Scale } from "./memory.ts";
import { SortedRuns } from "./runs.ts";

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

/** A table that outgrows memory. */
export class SpillingTable {
  readonly #aggregation: Aggregation;
  readonly #table: Table;
  readonly #runs: SortedRuns<Kept>;
  readonly #budget: number;

  constructor(aggregation: Aggregation, budget: number) {
    this.#aggregation = aggregation;
    this.#table = new Table(aggregation);
    this.#budget = budget;
    this.#runs = new SortedRuns(byHash, budget);
  }

  add(key: Key, value: unknown): void {
    this.#table.add(key, value);
    if (this.#table.bytes > this.#budget) this.#spill();
  }

  merge(key: Key, sum: unknown): void {
    this.#table.merge(key, sum);
    if (this.#table.bytes > this.#budget) this.#spill();
  }

  get memoryBytes(): number {
    return this.#table.bytes;
  }

  toDisk(): void {
    this.#spill();
  }

  /** Each key once, in no order. Closes the table when it has been read. */
  *entries(): Generator<Entry> {
    try {
      if (this.#runs.isEmpty) yield* this.#table.entries();
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
    this.#runs.close();
  }

  #spill(): void {
    const kept: Kept[] = [];
    const { bytes } = this.#table;
    for (const [key, sum] of this.#table.entries()) kept.push([hashOf(key), key, sum]);
    this.#table.clear();
    this.#runs.add(kept, bytes);
  }

  /** Entries of one hash come together: mostly those of one key, which need no table to be told apart. */
  *#mergeRuns(): Generator<Entry> {
    let alike: [key: Key, sum: unknown][] = [];
    let hash = -1;
    for (const [next, key, sum] of this.#runs.merged()) {
      if (next !== hash) {
        yield* alike;
        alike = [];
        hash = next;
      }
      const identity = identityOf(key);
      const same = alike.find(([other]) => isSame(identityOf(other), identity));
      if (same === undefined) alike.push([key, sum]);
      else same[1] = this.#aggregation.combine(same[1], sum);
    }
    yield* alike;
  }
}

const byHash = ([left]: Kept, [right]: Kept): number => left - right;

/** As a Map tells keys apart: NaN is NaN, and 0 is -0. */
const isSame = (left: unknown, right: unknown): boolean => left === right || Object.is(left, right);
