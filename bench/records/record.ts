// The records of the benchmark: 100 bytes each, as in the sort benchmarks, in words of 32 bits.
//
//   | key, 2 words | value | payload, 22 words |
//
// The payload follows from the key and the value, so that it can be neither left out nor compressed into nothing by
// accident, and every word counts in the record's checksum.

import { mix } from "./random.ts";

export const recordWords = 25;
export const recordBytes = recordWords * 4;

/** Where in a record what is. */
export const at = { keyLow: 0, keyHigh: 1, value: 2, payload: 3 } as const;

export function writeRecord(
  words: Uint32Array,
  offset: number,
  low: number,
  high: number,
  value: number,
): void {
  words[offset + at.keyLow] = low;
  words[offset + at.keyHigh] = high;
  words[offset + at.value] = value;
  let word = mix(low ^ value);
  for (let index = at.payload; index < recordWords; index += 1) {
    word = (Math.imul(word, 0x0019_660d) + 0x3c6e_f35f) >>> 0;
    words[offset + index] = word;
  }
}

/** Of one record, 32 bits; sums of them do not depend on the records' order. */
export function recordHash(words: Uint32Array, offset: number): number {
  let hash = 0;
  for (let index = 0; index < recordWords; index += 1) {
    hash = (Math.imul(hash, 31) + words[offset + index]!) | 0;
  }
  return mix(hash);
}

/** Which worker reduces a key. */
export const ownerOf = (low: number, high: number, workers: number): number =>
  mix(low ^ Math.imul(high, 0x9e37_79b1)) % workers;
