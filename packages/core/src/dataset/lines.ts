// The lines of files, from chunks of bytes.

import type { InputSplit } from "../job/job.ts";
import type { Batch } from "./plan.ts";

const lineFeed = 10;
const carriageReturn = "\r";

/** In batches, without their ends. An empty last line is none, and a byte order mark that a file begins with no text. */
export async function* linesOf(splits: readonly InputSplit[]): AsyncGenerator<Batch> {
  for (const split of splits) {
    for await (const bytes of wholeLines(unmarked(split.chunks()))) yield* inShortBatches(cut(bytes));
  }
}

/** Lines that follow each other, without the last one's end. */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  /** Of a line whose end has not come. */
  let begun: Uint8Array[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end >= 0) {
      yield Buffer.concat([...begun, chunk.subarray(0, end)]);
      begun = [];
    }
    begun.push(Uint8Array.from(chunk.subarray(end + 1)));
  }
  const last = Buffer.concat(begun);
  if (last.length > 0) yield last;
}

const byteOrderMark = Buffer.from("\ufeff");

/**
 * Without a mark at the beginning: also of a part that goes on with a file, as it does not know that it does, and in the
 * midst of a text such a mark means nothing.
 */
async function* unmarked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { length } = byteOrderMark;
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === undefined) yield chunk;
    else {
      start = Buffer.concat([start, chunk]);
      if (start.length < length) continue;
      yield start.subarray(0, length).equals(byteOrderMark) ? start.subarray(length) : start;
      start = undefined;
    }
  }
  if (start !== undefined) yield start;
}

/** What is made of a batch's rows shall die young: it costs the garbage collector nothing then. */
const batchLines = 128;

function* inShortBatches(lines: readonly string[]): Generator<Batch> {
  for (let at = 0; at < lines.length; at += batchLines) yield lines.slice(at, at + batchLines);
}

function cut(bytes: Buffer): string[] {
  const lines = bytes.toString("utf8").split("\n");
  if (!bytes.includes(carriageReturn)) return lines;
  return lines.map((line) => (line.endsWith(carriageReturn) ? line.slice(0, -1) : line));
}
