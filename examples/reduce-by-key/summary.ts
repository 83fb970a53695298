// What the job tells at its end: totals and the most frequent words, from every worker's part.

import type { WordTable } from "./word-table.ts";

export interface WordCount {
  readonly word: string;
  readonly count: number;
}

export interface Summary {
  readonly words: number;
  readonly distinct: number;
  /** The most frequent first; of equally frequent ones, the first in byte order. */
  readonly top: readonly WordCount[];
}

export function summaryOf(table: WordTable, top: number): Summary {
  let words = 0;
  for (let word = 0; word < table.size; word++) words += table.count(word);
  const frequent = Array.from(table.top(top), (word) => ({
    word: table.text(word),
    count: table.count(word),
  }));
  return { words, distinct: table.size, top: frequent };
}

const byCount = (one: WordCount, other: WordCount) =>
  other.count - one.count || (one.word < other.word ? -1 : 1);

/** The whole job's summary, from those of the workers, no two of which have a word in common. */
export function joinSummaries(parts: readonly Summary[], top: number): Summary {
  return {
    words: parts.reduce((sum, part) => sum + part.words, 0),
    distinct: parts.reduce((sum, part) => sum + part.distinct, 0),
    top: parts
      .flatMap((part) => part.top)
      .sort(byCount)
      .slice(0, top),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeSummary = (summary: Summary): Uint8Array => encoder.encode(JSON.stringify(summary));
export const decodeSummary = (bytes: Uint8Array): Summary => JSON.parse(decoder.decode(bytes)) as Summary;
