// Records as the sort benchmarks have them (sortbenchmark.org, "ASCII" records of gensort): 100 bytes, of which the
// first ten are the key. A record's bytes follow from the seed and its number alone, so that any worker can make any
// part of the same input.

import { crc32 } from "node:zlib";

export const recordBytes = 100;
export const keyBytes = 10;

// 0         10  12          44  46        98
// | key     |   | number    |   | filler  | CR LF
const numberAt = 12;
const numberDigits = 32;
const fillerAt = 46;
const fillerLetters = 52;
const lineEnd = [13, 10];
const space = 32;

/** The printable ASCII characters: from space to tilde. */
const keyCharacters = 95;

export interface RecordSource {
  readonly seed: number;
  /** How many of a hundred records have one and the same key. */
  readonly equalPercent: number;
}

const equalKey = Buffer.from("all equal!", "latin1");

/** Records `first` to `first + count - 1`, one after another. */
export function makeRecords(first: number, count: number, source: RecordSource): Uint8Array {
  const records = Buffer.alloc(count * recordBytes, space);
  for (let index = 0; index < count; index++) {
    const number = first + index;
    const at = index * recordBytes;
    const random = randomOf(source.seed, number);
    const filler = 65 + (random() % 26);
    if (random() % 100 < source.equalPercent) records.set(equalKey, at);
    else for (let byte = 0; byte < keyBytes; byte++) records[at + byte] = space + (random() % keyCharacters);
    records.write(number.toString(16).toUpperCase().padStart(numberDigits, "0"), at + numberAt, "latin1");
    records.fill(filler, at + fillerAt, at + fillerAt + fillerLetters);
    records.set(lineEnd, at + recordBytes - lineEnd.length);
  }
  return records;
}

/** Whole numbers below 2^32: Steele and others' SplitMix in 32 bits, as mulberry32. */
function randomOf(seed: number, number: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** The records' CRCs added up: the same for the same records in any order and any parts. */
export function checksumOf(records: Uint8Array): bigint {
  let sum = 0n;
  for (let at = 0; at < records.length; at += recordBytes) {
    sum += BigInt(crc32(records.subarray(at, at + recordBytes)));
  }
  return sum;
}

/** Bytes as characters, so that strings compare as the keys do. */
export const keyOf = (records: Uint8Array, record: number): string =>
  Buffer.from(records.buffer, records.byteOffset + record * recordBytes, keyBytes).toString("latin1");

export const countOf = (records: Uint8Array): number => records.length / recordBytes;
