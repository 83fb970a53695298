// The lines of files, from chunks of bytes.

import type { InputSplit } from "../job/job.ts";
import type { Batch } from "./plan.ts";

const lineFeed = 10;
const carriageReturn = "\r";

/** In batches, without their ends. An empty last line is none. */
export async function* linesOf(splits: readonly InputSplit[]): AsyncGenerator<Batch> {
  for (const split of splits) {
    let rest: Uint8Array = new Uint8Array(0);
    for await (const chunk of split.chunks()) {
      const end = chunk.lastIndexOf(lineFeed);
      if (end < 0) {
        rest = Buffer.concat([rest, chunk]);
        continue;
      }
      yield* inShortBatches(cut(Buffer.concat([rest, chunk.subarray(0, end)])));
      rest = Uint8Array.from(chunk.subarray(end + 1));
    }
    if (rest.length > 0) yield* inShortBatches(cut(Buffer.from(rest)));
  }
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
