import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linesOf } from "./lines.ts";
import { summaryOf } from "./summary.ts";
import { naiveCounts, naiveOutput, naiveTop } from "./testing/naive.ts";
import { cut, text } from "./testing/texts.ts";
import { readWords } from "./word-reader.ts";
import { hashOf, WordTable } from "./word-table.ts";

function count(chunks: Iterable<Uint8Array>): WordTable {
  const table = new WordTable();
  const reader = readWords(table);
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return table;
}

const printed = (table: WordTable) => Buffer.concat([...linesOf(table)]).toString("latin1");

describe("counting", () => {
  it("gives the counts of the plainest way, wherever the chunks are cut", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(9)), (text, sizes) => {
        const counts = naiveCounts([text]);
        const table = count(cut(Buffer.from(text), sizes));
        expect(printed(table)).toBe(naiveOutput(counts));
        expect(summaryOf(table, 3)).toEqual({
          words: [...counts.values()].reduce((sum, one) => sum + one, 0),
          distinct: counts.size,
          top: naiveTop(counts, 3),
        });
      }),
    );
  });

  it("takes any byte for what it is: a letter, or not", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const alphabet = "abcdefghijklmnopqrstuvwxyz";
    expect(printed(count([all]))).toBe(`${alphabet}\t2\n`);
  });

  it("takes many distinct words, and words of any length", () => {
    const words = Array.from({ length: 50_000 }, (_, index) =>
      [...index.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join(""),
    );
    const all = [...words, ...words, "x".repeat(1_000_000)].join(" ");
    expect(
      printed(count(cut(Buffer.from(all), [300_000, 1, 200_000]))) === naiveOutput(naiveCounts([all])),
    ).toBe(true);
  });

  it("counts words of one hash apart", () => {
    const table = new WordTable();
    const bytes = Buffer.from("onetwoone");
    for (const at of [0, 3, 6]) table.add(bytes, at, at + 3, 12_345, 2);
    expect(printed(table)).toBe("one\t4\ntwo\t2\n");
  });

  it("adds counts beyond 32 bits", () => {
    const table = new WordTable();
    const bytes = Buffer.from("the");
    const many = 2 ** 40 + 1;
    for (let time = 0; time < 3; time++) table.add(bytes, 0, 3, hashOf(bytes, 0, 3), many);
    expect(printed(table)).toBe(`the\t${3 * many}\n`);
  });
});
