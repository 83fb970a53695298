// A hash table from keys to the sums of their values: what the benchmark's workers reduce to. Keys keep the order in
// which they came.

import { mix } from "./random.ts";
import { at, recordHash, recordWords } from "./record.ts";

export class Reduced {
  /** Distinct keys. */
  size = 0;
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  /** Of all values of the key, modulo 2^32. */
  readonly sums: Uint32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** `records`: how many will be added at most. */
  constructor(records: number) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, records * 1.5)));
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity).fill(-1);
    this.lows = new Uint32Array(records);
    this.highs = new Uint32Array(records);
    this.sums = new Uint32Array(records);
  }

  /** Adds all records of a message. Returns the sum of their checksums, modulo 2^32. */
  add(words: Uint32Array): number {
    let hashes = 0;
    for (let offset = 0; offset < words.length; offset += recordWords) {
      hashes = (hashes + recordHash(words, offset)) >>> 0;
      const place = this.#placeOf(words[offset + at.keyLow]!, words[offset + at.keyHigh]!);
      this.sums[place] = this.sums[place]! + words[offset + at.value]!;
    }
    return hashes;
  }

  #placeOf(low: number, high: number): number {
    let slot = mix(low + Math.imul(high, 0x85eb_ca77)) & this.#mask;
    for (;;) {
      const place = this.#slots[slot]!;
      if (place < 0) break;
      if (this.lows[place] === low && this.highs[place] === high) return place;
      slot = (slot + 1) & this.#mask;
    }
    this.#slots[slot] = this.size;
    this.lows[this.size] = low;
    this.highs[this.size] = high;
    this.size += 1;
    return this.size - 1;
  }
}
