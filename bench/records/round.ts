// The two computing halves of one round of the benchmark: records from the last round's result (the first round's from a
// seed), cut by their keys' owners; and records from everybody into one table.

import type { Key, KeyMaker } from "./keys.ts";
import { mix, mixTwo } from "./random.ts";
import { at, ownerOf, recordHash, recordWords, writeRecord } from "./record.ts";
import { Reduced } from "./reduced.ts";
import type { Tally } from "./tally.ts";

export interface MapOptions {
  readonly workers: number;
  readonly rank: number;
  readonly seed: number;
  readonly round: number;
  /** How many records to make. */
  readonly records: number;
  readonly keys: KeyMaker;
  /** What this worker reduced in the round before. */
  readonly last: Reduced | undefined;
}

export interface Mapped {
  /** Records by owner. */
  readonly parts: readonly Uint32Array[];
  readonly made: Tally;
}

interface Drafts {
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  readonly values: Uint32Array;
  readonly owners: Uint16Array;
  /** Records by owner. */
  readonly counts: Uint32Array;
}

/** Makes the records and sorts them by owner. */
export function map(options: MapOptions): Mapped {
  const { workers, records } = options;
  const { lows, highs, values, owners, counts } = draft(options);
  const words = new Uint32Array(records * recordWords);
  const parts: Uint32Array[] = [];
  const next = new Uint32Array(workers);
  for (let owner = 0, offset = 0; owner < workers; owner += 1) {
    const end = offset + counts[owner]! * recordWords;
    parts.push(words.subarray(offset, end));
    next[owner] = offset;
    offset = end;
  }
  let [hashes, sum] = [0, 0];
  for (let index = 0; index < records; index += 1) {
    const offset = next[owners[index]!]!;
    writeRecord(words, offset, lows[index]!, highs[index]!, values[index]!);
    hashes = (hashes + recordHash(words, offset)) >>> 0;
    sum = (sum + values[index]!) >>> 0;
    next[owners[index]!] = offset + recordWords;
  }
  return { parts, made: { records, hashes, values: sum } };
}

function draft({ workers, records, keys, ...from }: MapOptions): Drafts {
  const drafts: Drafts = {
    lows: new Uint32Array(records),
    highs: new Uint32Array(records),
    values: new Uint32Array(records),
    owners: new Uint16Array(records),
    counts: new Uint32Array(workers),
  };
  const key: Key = { low: 0, high: 0 };
  for (let index = 0; index < records; index += 1) {
    const entropy = entropyOf(from, index);
    keys(entropy, mix(entropy ^ 0x5bd1_e995), key);
    const owner = ownerOf(key.low, key.high, workers);
    drafts.lows[index] = key.low;
    drafts.highs[index] = key.high;
    drafts.values[index] = entropy & 0xffff;
    drafts.owners[index] = owner;
    drafts.counts[owner] = drafts.counts[owner]! + 1;
  }
  return drafts;
}

/** In the first round from the seed, then from what came out of the round before: a wrong sum changes all that follows. */
function entropyOf(
  { last, seed, rank, round }: Pick<MapOptions, "last" | "seed" | "rank" | "round">,
  index: number,
): number {
  const own = mixTwo(seed + round, Math.imul(rank + 1, 0x0100_0193) + index);
  if (last === undefined || last.size === 0) return own;
  const place = index % last.size;
  return mixTwo(own ^ last.lows[place]!, last.sums[place]! ^ last.highs[place]!);
}

export interface ReducedRound {
  readonly table: Reduced;
  readonly reduced: Tally;
  readonly strays: number;
}

/** Reduces the parts in the order in which they are given: the result, its order too, is the same over every channel. */
export function reduce(parts: readonly Uint32Array[], rank: number): ReducedRound {
  const records = parts.reduce((sum, part) => sum + part.length / recordWords, 0);
  const table = new Reduced(records);
  let hashes = 0;
  let strays = 0;
  for (const part of parts) {
    hashes = (hashes + table.add(part)) >>> 0;
    strays += straysOf(part, rank, parts.length);
  }
  let values = 0;
  for (let place = 0; place < table.size; place += 1) values = (values + table.sums[place]!) >>> 0;
  return { table, reduced: { records, hashes, values }, strays };
}

function straysOf(part: Uint32Array, rank: number, workers: number): number {
  let strays = 0;
  for (let offset = 0; offset < part.length; offset += recordWords) {
    const owner = ownerOf(part[offset + at.keyLow]!, part[offset + at.keyHigh]!, workers);
    strays += owner === rank ? 0 : 1;
  }
  return strays;
}
