// Counts of words, by their bytes: a hash table over one piece of memory, in which no word is a text before it leaves.

const slotsOf = (words: number): number => words * 2;

export class WordCounts {
  readonly #mostWords: number;
  /** Open addressing, at most half full: a word's number plus one, or 0. */
  readonly #slots: Int32Array;
  /** All words, one after another; word `i` is arena[starts[i]] to arena[starts[i + 1]]. */
  readonly #arena: Buffer;
  readonly #starts: Uint32Array;
  readonly #hashes: Int32Array;
  readonly #counts: Float64Array;
  #size = 0;

  /** `mostWords` is a power of two. So many words, of so many bytes all together, are counted before it is full. */
  constructor(mostWords: number, mostBytes: number) {
    this.#mostWords = mostWords;
    this.#slots = new Int32Array(slotsOf(mostWords));
    this.#arena = Buffer.alloc(mostBytes);
    this.#starts = new Uint32Array(mostWords + 1);
    this.#hashes = new Int32Array(mostWords);
    this.#counts = new Float64Array(mostWords);
  }

  /** Counts the word once more; `hash` is its bytes'. False when it is full: it has to be drained first. */
  add(bytes: Uint8Array, length: number, hash: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let word = slots[slot]! - 1; word >= 0; word = slots[slot]! - 1) {
      if (this.#hashes[word] === hash && this.#is(word, bytes, length)) {
        this.#counts[word]! += 1;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return this.#insert(slot, bytes, length, hash);
  }

  /** All words with their counts, in the order in which they came; it is empty then. */
  drain(): [string, number][] {
    const pairs: [string, number][] = [];
    for (let word = 0; word < this.#size; word += 1) {
      pairs.push([
        this.#arena.toString("latin1", this.#starts[word], this.#starts[word + 1]),
        this.#counts[word]!,
      ]);
    }
    this.#size = 0;
    this.#slots.fill(0);
    return pairs;
  }

  #is(word: number, bytes: Uint8Array, length: number): boolean {
    const start = this.#starts[word]!;
    if (this.#starts[word + 1]! - start !== length) return false;
    const arena = this.#arena;
    for (let index = 0; index < length; index += 1) {
      if (arena[start + index] !== bytes[index]) return false;
    }
    return true;
  }

  #insert(slot: number, bytes: Uint8Array, length: number, hash: number): boolean {
    const word = this.#size;
    const start = this.#starts[word]!;
    if (word === this.#mostWords || start + length > this.#arena.length) return false;
    for (let index = 0; index < length; index += 1) this.#arena[start + index] = bytes[index]!;
    this.#starts[word + 1] = start + length;
    this.#hashes[word] = hash;
    this.#counts[word] = 1;
    this.#slots[slot] = word + 1;
    this.#size += 1;
    return true;
  }
}
