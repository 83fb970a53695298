// Texts for property tests: few letters, so that words repeat, and what may stand between and beside them.

import fc from "fast-check";

export const text = fc
  .array(
    fc.constantFrom(
      "a",
      "B",
      "ab",
      "Ab",
      "zz",
      "é",
      "_",
      "0",
      " ",
      "\n",
      "’",
      "\0",
      "whale",
      "[",
      "`",
      "{",
      "@",
    ),
    {
      maxLength: 60,
    },
  )
  .map((pieces) => pieces.join(""));

/** Bytes in chunks, cut anywhere. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...chunks, bytes.subarray(at)];
}
