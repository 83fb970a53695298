// The dataset scenario's rivals: one thread, or Piscina's pool of threads. A program: THREADS FILE OUTPUT

import { closeSync, openSync, readSync, statSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { Piscina } from "piscina";
import { countWords, textOf } from "./words-of.ts";

const mostLineBytes = 64 * 1024;

interface Part {
  readonly file: string;
  readonly from: number;
  readonly until: number;
}

/** What a thread of the pool does. */
export default ({ file, from, until }: Part): Map<string, number> => countWords(file, from, until);

/** Where the first line begins that begins at `place` or after it. */
function lineBegin(file: string, place: number): number {
  if (place === 0) return 0;
  const descriptor = openSync(file, "r");
  const near = Buffer.alloc(mostLineBytes);
  const read = readSync(descriptor, near, 0, near.length, place - 1);
  closeSync(descriptor);
  return place + near.subarray(0, read).indexOf("\n");
}

async function countByPool(threads: number, file: string, bytes: number): Promise<Map<string, number>> {
  const pool = new Piscina({ filename: __filename, maxThreads: threads, minThreads: threads });
  const cut = (part: number) =>
    part === threads ? bytes : lineBegin(file, Math.floor((bytes * part) / threads));
  const parts = Array.from({ length: threads }, (_, part) => ({
    file,
    from: cut(part),
    until: cut(part + 1),
  }));
  const [counts, ...others]: Map<string, number>[] = await Promise.all(parts.map((part) => pool.run(part)));
  for (const other of others)
    for (const [word, count] of other) counts!.set(word, (counts!.get(word) ?? 0) + count);
  await pool.destroy();
  return counts!;
}

async function main([threads, file, output]: readonly string[]): Promise<void> {
  const begin = performance.now();
  const bytes = statSync(file!).size;
  const counts =
    threads === "1" ? countWords(file!, 0, bytes) : await countByPool(Number(threads), file!, bytes);
  writeFileSync(output!, textOf(counts));
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ms: performance.now() - begin, processorMs: (user + system) / 1000 }));
}

if (isMainThread) void main(process.argv.slice(2));
