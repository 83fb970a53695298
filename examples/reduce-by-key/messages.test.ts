import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeWords, encodePartitions, encodeWords, mergePartition } from "./messages.ts";
import { rangeOf, sampleOf, splittersOf } from "./splitters.ts";
import { hashOf, WordTable } from "./word-table.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "z"), minLength: 1, maxLength: 5 });
const wordCount = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2 ** 31, max: 2 ** 50 }));
const counts = fc.array(fc.tuple(word, wordCount), { maxLength: 60 }).map((pairs) => new Map(pairs));

function tableOf(counts: ReadonlyMap<string, number>): WordTable {
  const table = new WordTable();
  for (const [text, count] of counts) {
    const bytes = Buffer.from(text);
    table.add(bytes, 0, bytes.length, hashOf(bytes, 0, bytes.length), count);
  }
  return table;
}

const countsOf = (table: WordTable) =>
  new Map(Array.from({ length: table.size }, (_, number) => [table.text(number), table.count(number)]));

describe("partitions", () => {
  it("hold every word once, in the range that it belongs to", () => {
    fc.assert(
      fc.property(counts, fc.array(word, { maxLength: 6 }), (counts, cuts) => {
        const splitters = cuts.sort().map((text) => Buffer.from(text));
        const ranges = splitters.length + 1;
        const parts = encodePartitions(tableOf(counts), splitters, ranges).map((message) => {
          const table = new WordTable();
          mergePartition(table, message);
          return countsOf(table);
        });
        expect(parts.length).toBe(ranges);
        expect(new Map(parts.flatMap((part) => [...part]))).toEqual(counts);
        expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(counts.size);
        for (const [range, part] of parts.entries()) {
          for (const text of part.keys()) {
            if (range > 0) expect(text >= cuts[range - 1]!).toBe(true);
            if (range < cuts.length) expect(text < cuts[range]!).toBe(true);
          }
        }
      }),
    );
  });

  it("add up", () => {
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const sum = new WordTable();
        for (const part of [one, other]) mergePartition(sum, encodePartitions(tableOf(part), [], 1)[0]!);
        const wanted = new Map(one);
        for (const [text, count] of other) wanted.set(text, (wanted.get(text) ?? 0) + count);
        expect(countsOf(sum)).toEqual(wanted);
      }),
    );
  });

  it("that were cut short are refused", () => {
    const [message] = encodePartitions(tableOf(new Map([["whale", 1_000]])), [], 1);
    for (let length = 1; length < message!.length; length++) {
      expect(() => mergePartition(new WordTable(), message!.subarray(0, length))).toThrow(
        "a message ends within",
      );
    }
  });
});

describe("words", () => {
  it("arrive as they were sent", () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const sent = words.map((text) => Buffer.from(text));
        expect(decodeWords(encodeWords(sent)).map((bytes) => Buffer.from(bytes).toString())).toEqual(words);
      }),
    );
  });
});

describe("splitters", () => {
  it("are sorted, and cut any sample into as many ranges as there are workers", () => {
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 1, max: 9 }), (words, ranges) => {
        const splitters = splittersOf(
          words.map((text) => Buffer.from(text)),
          ranges,
        );
        const texts = splitters.map((bytes) => Buffer.from(bytes).toString());
        expect(texts).toEqual([...texts].sort());
        expect(splitters.length).toBe(words.length === 0 ? 0 : ranges - 1);
        for (const text of words) expect(rangeOf(splitters, Buffer.from(text))).toBeLessThan(ranges);
      }),
    );
  });

  it("give every worker about as many words, also when they are unevenly spread", () => {
    const workers = 16;
    // Like a language's: most words begin with few letters.
    const texts = Array.from({ length: 20_000 }, (_, index) => {
      const random = ((index * 2_654_435_761) % 2 ** 32) / 2 ** 32;
      return [4, 26, 26, 26, 26]
        .map((letters, at) => {
          const digit = Math.floor((random * 26 ** (at + 1)) % 26);
          return String.fromCharCode(97 + (digit % letters));
        })
        .join("");
    });
    const tables = Array.from({ length: workers }, (_, worker) =>
      tableOf(new Map(texts.filter((_, index) => index % workers === worker).map((text) => [text, 1]))),
    );
    const splitters = splittersOf(
      tables.flatMap((table) => sampleOf(table)),
      workers,
    );
    const sizes = new Array<number>(workers).fill(0);
    for (const text of new Set(texts)) sizes[rangeOf(splitters, Buffer.from(text))]! += 1;
    const mean = new Set(texts).size / workers;
    expect(Math.max(...sizes)).toBeLessThan(1.5 * mean);
  });
});
