// Words of files, found in the bytes: most words come again and again, so a word is looked up by its bytes and its
// text is made once. That is several times as fast as a regular expression on each line.

import { FnmeshError } from "../errors/errors.ts";
import type { InputSplit } from "../job/job.ts";
import type { Batch } from "./plan.ts";
import { WordCounts } from "./word-counts.ts";

export interface WordsOptions {
  /** The characters that words are made of, all of them ASCII. Default: letters. */
  readonly characters?: string | undefined;
  /** Default: true. */
  readonly lowerCase?: boolean | undefined;
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const batchRows = 4096;

/** Maximal runs of these characters, in order. */
export async function* wordsOf(
  splits: readonly InputSplit[],
  options: WordsOptions = {},
): AsyncGenerator<Batch> {
  yield* read(splits, options, new TextSink());
}

/** The same as pairs of a word and a count: a word that comes again and again is few pairs. */
export async function* wordCountsOf(
  splits: readonly InputSplit[],
  options: WordsOptions = {},
): AsyncGenerator<Batch> {
  const sink = new CountSink();
  yield* read(splits, options, sink);
  sink.finish();
  yield sink.out;
}

async function* read(
  splits: readonly InputSplit[],
  options: WordsOptions,
  sink: WordSink,
): AsyncGenerator<Batch> {
  const reader = new WordReader(byteTable(options), sink);
  const taken = (): Batch => {
    const batch = sink.out;
    sink.out = [];
    return batch;
  };
  for (const split of splits) {
    for await (const chunk of split.chunks()) {
      for (let at = 0; at < chunk.length; ) {
        at = reader.read(chunk, at);
        if (sink.out.length >= batchRows) yield taken();
      }
    }
    reader.end();
  }
  yield taken();
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

/** Reads bytes, and tells a sink of each word that ends. */
class WordReader {
  readonly #byteOf: Uint8Array;
  readonly #sink: WordSink;
  #word: Buffer = Buffer.alloc(1024);
  #length = 0;
  #hash = basis;

  constructor(byteOf: Uint8Array, sink: WordSink) {
    this.#byteOf = byteOf;
    this.#sink = sink;
  }

  /** Reads on from `at` until the sink has enough or the chunk is over; returns where it stopped. */
  read(chunk: Uint8Array, at: number): number {
    const byteOf = this.#byteOf;
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
        this.#sink.word(word, length, hash);
        length = 0;
        hash = basis;
        if (this.#sink.out.length >= batchRows) break;
      }
    }
    this.#length = length;
    this.#hash = hash;
    return index;
  }

  /** A word may end with its file. */
  end(): void {
    if (this.#length > 0) this.#sink.word(this.#word, this.#length, this.#hash);
    this.#length = 0;
    this.#hash = basis;
  }

  #grow(): Buffer {
    this.#word = Buffer.concat([this.#word, Buffer.alloc(this.#word.length)]);
    return this.#word;
  }
}

/** Where words go; `out` is taken away from time to time. */
interface WordSink {
  out: unknown[];
  word(bytes: Buffer, length: number, hash: number): void;
}

const placeOf = (hash: number): number => (hash ^ (hash >>> 15)) & (places - 1);

/** The words that came last, each in one place by its hash. */
class KnownWords {
  readonly texts: (string | undefined)[] = new Array(places).fill(undefined);
  readonly #hashes = new Int32Array(places);
  readonly #bytes = new Uint8Array(places * mostRemembered);

  isAt(place: number, bytes: Buffer, length: number, hash: number): boolean {
    const known = this.texts[place];
    if (known === undefined || this.#hashes[place] !== hash || known.length !== length) return false;
    const begin = place * mostRemembered;
    for (let index = 0; index < length; index += 1) {
      if (this.#bytes[begin + index] !== bytes[index]) return false;
    }
    return true;
  }

  put(place: number, bytes: Buffer, length: number, hash: number): string {
    const text = bytes.toString("latin1", 0, length);
    this.texts[place] = text;
    this.#hashes[place] = hash;
    this.#bytes.set(bytes.subarray(0, length), place * mostRemembered);
    return text;
  }
}

/** Each word as a text. */
class TextSink implements WordSink {
  out: unknown[] = [];
  readonly #known = new KnownWords();

  word(bytes: Buffer, length: number, hash: number): void {
    if (length > mostRemembered) {
      this.out.push(bytes.toString("latin1", 0, length));
      return;
    }
    const place = placeOf(hash);
    const isKnown = this.#known.isAt(place, bytes, length, hash);
    this.out.push(isKnown ? this.#known.texts[place] : this.#known.put(place, bytes, length, hash));
  }
}

/** So many words are counted before they go on as pairs; Moby Dick has half as many. */
const mostCounted = 2 ** 15;
const bytesOfCounted = mostCounted * 16;

/** Pairs of a word and a count: whenever the table is full, and the rest at the end. */
class CountSink implements WordSink {
  out: unknown[] = [];
  readonly #counts = new WordCounts(mostCounted, bytesOfCounted);

  word(bytes: Buffer, length: number, hash: number): void {
    if (length > mostRemembered) {
      this.out.push([bytes.toString("latin1", 0, length), 1]);
    } else if (!this.#counts.add(bytes, length, hash)) {
      this.out = this.out.concat(this.#counts.drain());
      this.#counts.add(bytes, length, hash);
    }
  }

  finish(): void {
    this.out = this.out.concat(this.#counts.drain());
  }
}
