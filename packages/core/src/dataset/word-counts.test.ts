import fc from "fast-check";
import { expect, it } from "vitest";
import { WordCounts } from "./word-counts.ts";

const few = fc.constantFrom("a", "b", "ab", "ba", "abc", "whale", "");

/** Counts all, draining as often as need be. */
function counted(words: readonly string[], { mostWords = 1024, mostBytes = 16_384, hashes = 2 ** 32 } = {}) {
  const counts = new WordCounts(mostWords, mostBytes);
  const sums = new Map<string, number>();
  let drained = 0;
  const drain = () => {
    drained += 1;
    for (const [word, count] of counts.drain()) sums.set(word, (sums.get(word) ?? 0) + count);
  };
  for (const word of words) {
    const bytes = Buffer.from(word, "latin1");
    // Few hashes: different words in one chain.
    const hash = bytes.reduce((sum, byte) => (sum * 31 + byte) % hashes, 7) | 0;
    if (counts.add(bytes, bytes.length, hash)) continue;
    drain();
    expect(counts.add(bytes, bytes.length, hash)).toBe(true);
  }
  drain();
  return { sums, drained };
}

function reference(words: readonly string[]) {
  const sums = new Map<string, number>();
  for (const word of words) sums.set(word, (sums.get(word) ?? 0) + 1);
  return sums;
}

it("counts each word, also where hashes are alike and where it is full", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(few, fc.string({ unit: "grapheme-ascii", maxLength: 8 })), { maxLength: 200 }),
      fc.constantFrom(1, 3, 2 ** 32),
      fc.constantFrom(1, 2, 8, 256),
      (words, hashes, mostWords) => {
        expect(counted(words, { hashes, mostWords, mostBytes: 16 }).sums).toEqual(reference(words));
      },
    ),
  );
});

it("is full when it has its words, or its bytes", () => {
  const words = Array.from({ length: 100 }, (_, index) => `word${index}`);
  expect(counted(words).drained).toBe(1);
  expect(counted(words, { mostWords: 32 }).drained).toBe(4);
  expect(counted(words, { mostBytes: 60 }).drained).toBe(10);
});

it("gives words in the order in which they came", () => {
  expect([...counted(["b", "a", "b", "c", "a", "b"]).sums]).toEqual([
    ["b", 3],
    ["a", 2],
    ["c", 1],
  ]);
});
