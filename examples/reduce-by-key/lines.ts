// The output's form: a line `word<TAB>count` for each word, in byte order, in blocks.

import type { WordTable } from "./word-table.ts";

/** Large enough that a write costs little, small beside a function's memory. */
const blockBytes = 256 * 1024;
const tab = 9;
const lineFeed = 10;
const zero = 48;
/** A count has at most 16 digits. */
const mostBytesBesideWord = 18;

export function* linesOf(table: WordTable): Generator<Uint8Array> {
  let block = new Uint8Array(blockBytes);
  let filled = 0;
  for (const number of table.sorted()) {
    const word = table.bytes(number);
    const room = word.length + mostBytesBesideWord;
    if (filled + room > block.length) {
      if (filled > 0) yield block.subarray(0, filled);
      block = new Uint8Array(Math.max(blockBytes, room));
      filled = 0;
    }
    block.set(word, filled);
    filled += word.length;
    block[filled++] = tab;
    for (const digit of String(table.count(number))) block[filled++] = zero + Number(digit);
    block[filled++] = lineFeed;
  }
  if (filled > 0) yield block.subarray(0, filled);
}
