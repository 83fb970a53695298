// Counts by word: a hash table over bytes. No word becomes a JavaScript string before it is printed, so counting costs
// a few nanoseconds a byte, and the memory is that of the distinct words.

const firstSlots = 1024;
const firstArenaBytes = 16 * 1024;

/** FNV-1a over a word's bytes: start here, and take each byte with `hashStep`. */
export const hashStart = 0x811c9dc5 | 0;
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = hashStart;
  for (let at = from; at < to; at++) hash = hashStep(hash, bytes[at]!);
  return hash;
}

/** Which of two words comes first in byte order: negative, zero or positive. */
export function compareWords(
  one: Uint8Array,
  from: number,
  to: number,
  other: Uint8Array,
  otherFrom: number,
  otherTo: number,
): number {
  const shorter = Math.min(to - from, otherTo - otherFrom);
  for (let at = 0; at < shorter; at++) {
    const difference = one[from + at]! - other[otherFrom + at]!;
    if (difference !== 0) return difference;
  }
  return to - from - (otherTo - otherFrom);
}

/** Words have numbers, from 0 in the order in which they came. */
export class WordTable {
  /** All words, one after another; word `i` is arena[starts[i]] to arena[starts[i + 1]]. */
  #arena = new Uint8Array(firstArenaBytes);
  #starts = new Uint32Array(firstSlots / 2 + 1);
  #hashes = new Int32Array(firstSlots / 2);
  #counts = new Float64Array(firstSlots / 2);
  /** Open addressing, at most half full; a word's number plus one, or 0. */
  #slots = new Int32Array(firstSlots);
  #size = 0;

  /** How many distinct words there are. */
  get size(): number {
    return this.#size;
  }

  count(word: number): number {
    return this.#counts[word]!;
  }

  bytes(word: number): Uint8Array {
    return this.#arena.subarray(this.#starts[word], this.#starts[word + 1]);
  }

  text(word: number): string {
    return String.fromCharCode(...this.bytes(word));
  }

  /** Adds to the count of bytes[from] to bytes[to]; `hash` is theirs. */
  add(bytes: Uint8Array, from: number, to: number, hash: number, count: number): void {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let word = this.#slots[slot]! - 1; word >= 0; word = this.#slots[slot]! - 1) {
      if (this.#hashes[word] === hash && this.#equals(word, bytes, from, to)) {
        this.#counts[word]! += count;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.#insert(slot, bytes, from, to, hash, count);
  }

  compare(word: number, other: number): number {
    const [arena, starts] = [this.#arena, this.#starts];
    return compareWords(arena, starts[word]!, starts[word + 1]!, arena, starts[other]!, starts[other + 1]!);
  }

  /** The numbers of all words, by their bytes. */
  sorted(): Uint32Array {
    return this.#numbers().sort((one, other) => this.compare(one, other));
  }

  /** The numbers of the most frequent words; of equally frequent ones, the first in byte order. */
  top(most: number): Uint32Array {
    const byCount = (one: number, other: number) =>
      this.count(other) - this.count(one) || this.compare(one, other);
    return this.#numbers().sort(byCount).subarray(0, most);
  }

  #numbers(): Uint32Array {
    return Uint32Array.from({ length: this.#size }, (_, word) => word);
  }

  #equals(word: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[word]!;
    const length = to - from;
    if (this.#starts[word + 1]! - start !== length) return false;
    for (let at = 0; at < length; at++) {
      if (this.#arena[start + at] !== bytes[from + at]) return false;
    }
    return true;
  }

  #insert(slot: number, bytes: Uint8Array, from: number, to: number, hash: number, count: number): void {
    const word = this.#size;
    const start = this.#starts[word]!;
    const end = start + to - from;
    if (end > this.#arena.length) this.#arena = grown(this.#arena, Math.max(end, this.#arena.length * 2));
    this.#arena.set(bytes.subarray(from, to), start);
    this.#starts[word + 1] = end;
    this.#hashes[word] = hash;
    this.#counts[word] = count;
    this.#slots[slot] = word + 1;
    this.#size += 1;
    if (this.#size * 2 === this.#slots.length) this.#double();
  }

  #double(): void {
    const slots = this.#slots.length * 2;
    this.#starts = grown(this.#starts, slots / 2 + 1);
    this.#hashes = grown(this.#hashes, slots / 2);
    this.#counts = grown(this.#counts, slots / 2);
    this.#slots = new Int32Array(slots);
    for (let word = 0; word < this.#size; word++) {
      const hash = this.#hashes[word]!;
      let slot = (hash ^ (hash >>> 15)) & (slots - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
      this.#slots[slot] = word + 1;
    }
  }
}

function grown<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}
