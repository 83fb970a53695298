// Words of files, found in the bytes: most words come again and again, so a word is looked up by its bytes and its
// text is made once. That is several times as fast as a regular expression on each line.

import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit } from "../job/job.ts";
import type { Batch } from "./plan.ts";

export interface WordsOptions {
  /** The characters that words are made of, all of them ASCII. Default: letters. */
  readonly characters?: string | undefined;
  /** Default: true. */
  readonly lowerCase?: boolean | undefined;
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const batchWords = 4096;

/** Maximal runs of these characters, in order. */
export async function* wordsOf(
  splits: readonly InputSplit[],
  options: WordsOptions = {},
): AsyncGenerator<Batch> {
  const byteOf = byteTable(options);
  const known = new KnownWords();
  let batch: string[] = [];
  for (const split of splits) {
    for await (const chunk of split.chunks()) {
      for (let at = 0; at < chunk.length; ) {
        at = known.read(chunk, at, byteOf, batch, batchWords);
        if (batch.length < batchWords) continue;
        yield batch;
        batch = [];
      }
    }
    known.end(batch);
  }
  if (batch.length > 0) yield batch;
}

/** For each byte what it becomes in a word; 0 for what is between words. */
function byteTable({ characters = letters, lowerCase = true }: WordsOptions): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) {
    const code = character.charCodeAt(0);
    if (code === 0 || code > 127) {
      throw new FnmeshError("INVALID_ARGUMENT", `"${character}" is not ASCII: words are found in bytes`, {
        hint: "Use text().flatMap(…) for words of other letters.",
      });
    }
    table[code] = (lowerCase ? character.toLowerCase() : character).charCodeAt(0);
  }
  return table;
}

const prime = 0x01000193;
const basis = 0x811c9dc5;
/** A power of two: so many words are remembered, each in one place by its hash. What does not fit is made anew. */
const places = 2 ** 15;
/** A longer word is not remembered. */
const mostRemembered = 32;

class KnownWords {
  readonly #texts: (string | undefined)[] = new Array(places).fill(undefined);
  readonly #hashes = new Int32Array(places);
  readonly #bytes = new Uint8Array(places * mostRemembered);
  #word: Buffer = Buffer.alloc(1024);
  #length = 0;
  #hash = basis;

  /** Reads on from `at` until `most` words are in `out` or the chunk is over; returns where it stopped. */
  read(chunk: Uint8Array, at: number, byteOf: Uint8Array, out: string[], most: number): number {
    let length = this.#length;
    let hash = this.#hash;
    let word = this.#word;
    let index = at;
    for (; index < chunk.length; index += 1) {
      const byte = byteOf[chunk[index]!]!;
      if (byte !== 0) {
        if (length === word.length) word = this.#grow();
        word[length] = byte;
        length += 1;
        hash = Math.imul(hash ^ byte, prime);
      } else if (length > 0) {
        out.push(this.#text(hash, length));
        length = 0;
        hash = basis;
        if (out.length === most) break;
      }
    }
    this.#length = length;
    this.#hash = hash;
    return index;
  }

  /** A word may end with its file. */
  end(out: string[]): void {
    if (this.#length > 0) out.push(this.#text(this.#hash, this.#length));
    this.#length = 0;
    this.#hash = basis;
  }

  #text(hash: number, length: number): string {
    if (length > mostRemembered) return this.#word.toString("latin1", 0, length);
    const place = (hash ^ (hash >>> 15)) & (places - 1);
    const known = this.#texts[place];
    if (
      known !== undefined &&
      this.#hashes[place] === hash &&
      known.length === length &&
      this.#isAt(place, length)
    ) {
      return known;
    }
    const text = this.#word.toString("latin1", 0, length);
    this.#texts[place] = text;
    this.#hashes[place] = hash;
    this.#bytes.set(this.#word.subarray(0, length), place * mostRemembered);
    return text;
  }

  #isAt(place: number, length: number): boolean {
    const begin = place * mostRemembered;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[begin + index] !== this.#word[index]) return false;
    }
    return true;
  }

  #grow(): Buffer {
    this.#word = Buffer.concat([this.#word, Buffer.alloc(this.#word.length)]);
    return this.#word;
  }
}
