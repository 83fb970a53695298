// The keys of the benchmark's records: which of them how often. Pure: an entropy of 32 bits in, a key out.

import { mix } from "./random.ts";

export const keyKinds = ["uniform", "zipf", "text"] as const;
export type KeyKind = (typeof keyKinds)[number];

export interface Key {
  low: number;
  high: number;
}

/** Writes the key that an entropy stands for into `key`: no object for each of millions. */
export type KeyMaker = (entropy: number, more: number, key: Key) => void;

/** Almost all keys are different. */
const uniform: KeyMaker = (entropy, more, key) => {
  key.low = entropy;
  key.high = more;
};

/** As many as a large vocabulary has; the most frequent one is 5 % of all. */
const zipfKeys = 1_000_000;
const zipfSpan = Math.log(zipfKeys + 1);

/** Key k comes in proportion to log((k + 1) / k), which is 1 / k to within 31 % for the first and 5 % from the tenth on. */
const zipf: KeyMaker = (entropy, _, key) => {
  const rank = Math.floor(Math.exp((entropy / 2 ** 32) * zipfSpan));
  key.low = mix(rank);
  key.high = rank;
};

/** The words of a text, as they come. */
function wordsOf(text: string): KeyMaker {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length === 0) throw new Error("the text has no words");
  const hashes = Uint32Array.from(words.flatMap((word) => [hashOf(word, 1), hashOf(word, 2)]));
  return (entropy, _, key) => {
    const place = 2 * (entropy % words.length);
    key.low = hashes[place]!;
    key.high = hashes[place + 1]!;
  };
}

function hashOf(word: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash, 31) + word.charCodeAt(index);
  return mix(hash);
}

export const keyMaker = (kind: KeyKind, text: string): KeyMaker =>
  kind === "text" ? wordsOf(text) : { uniform, zipf }[kind];
