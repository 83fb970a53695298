// What the rivals of the dataset scenario share: the plainest way in which one thread counts words.

import { closeSync, openSync, readSync } from "node:fs";

const chunkBytes = 256 * 1024;

/** Counts the words of a file from one place to another, both where lines begin. */
export function countWords(file: string, from: number, until: number): Map<string, number> {
  const counts = new Map<string, number>();
  const descriptor = openSync(file, "r");
  const chunk = Buffer.alloc(chunkBytes);
  let rest = "";
  for (let at = from; at < until; ) {
    const read = readSync(descriptor, chunk, 0, Math.min(chunkBytes, until - at), at);
    if (read === 0) break;
    at += read;
    const lines = (rest + chunk.toString("latin1", 0, read)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) countLine(line, counts);
  }
  countLine(rest, counts);
  closeSync(descriptor);
  return counts;
}

function countLine(line: string, counts: Map<string, number>): void {
  for (const word of line.toLowerCase().match(/[a-z]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
}

export const textOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([word, count]) => `${word}\t${count}\n`)
    .join("");
