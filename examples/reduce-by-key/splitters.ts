// Who reduces which words: worker r has the words from splitter r - 1 up to, and without, splitter r. Ranges instead
// of hashes, so that the workers' sorted outputs, one after another, are sorted too. The splitters come from a sample
// of all workers' words, so that every range holds about as many, whatever the language.

import { compareWords, type WordTable } from "./word-table.ts";

export type Words = readonly Uint8Array[];

/** Then every range is cut by about 128 samples too, and the largest is seldom more than a third above the mean. */
const samplesPerWorker = 128;

const inByteOrder = (one: Uint8Array, other: Uint8Array) =>
  compareWords(one, 0, one.length, other, 0, other.length);

/** Words of a table, evenly spread over it. */
export function sampleOf(table: WordTable): Words {
  const count = Math.min(table.size, samplesPerWorker);
  return Array.from({ length: count }, (_, index) => table.bytes(Math.floor((index * table.size) / count)));
}

/** At most `ranges - 1` splitters that cut the samples into ranges of equal size. */
export function splittersOf(samples: Words, ranges: number): Words {
  if (samples.length === 0) return [];
  const sorted = samples.toSorted(inByteOrder);
  return Array.from(
    { length: ranges - 1 },
    (_, index) => sorted[Math.floor(((index + 1) * sorted.length) / ranges)]!,
  );
}

/** The range of a word: how many splitters are not after it. */
export function rangeOf(splitters: Words, word: Uint8Array): number {
  let low = 0;
  let high = splitters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inByteOrder(splitters[middle]!, word) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
