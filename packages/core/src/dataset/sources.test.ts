import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plain, runCrew } from "./crew.suite.ts";

describe("sources", () => {
  const input = (rank: number) =>
    [
      [
        `/data/people-${rank}.csv`,
        `name,age,born\n"Ada, ""the"" first",${36 + rank},1815-12-10\r\nBob,,2000-01-01`,
      ],
      [`/data/notes-${rank}.txt`, `erste Zeile ${rank}\n\nlange Zeile äöü🐋\r\nletzte`],
      [`/data/more/events-${rank}.jsonl`, `{"a":${rank}}\n{"a":null}\n`],
    ] as const;

  it("text has the lines, whatever the chunks", async () => {
    for (const chunkBytes of [1, 3, 7, 1000]) {
      const { results } = await runCrew({ size: 2, input, chunkBytes }, (data) =>
        data.text({ files: "notes-*.txt" }).collect(),
      );
      expect(results[1]).toEqual(
        [0, 1].flatMap((rank) => [`erste Zeile ${rank}`, "", "lange Zeile äöü🐋", "letzte"]),
      );
    }
  });

  it("words are those of a regular expression, whatever the chunks", async () => {
    const property = fc.asyncProperty(
      fc.array(
        fc.string({ unit: fc.constantFrom("a", "B", "z", "Q", " ", "\n", "ä", "9", "'"), maxLength: 80 }),
      ),
      fc.integer({ min: 1, max: 20 }),
      async (texts, chunkBytes) => {
        const files = texts.map((text, index) => [`${index}.txt`, text] as const);
        const { results } = await runCrew({ size: 1, input: () => files, chunkBytes }, async (data) => [
          await data.words().collect(),
          await data.words({ characters: "aB9'", lowerCase: false }).collect(),
        ]);
        const counted = await runCrew({ size: 2, input: () => files, chunkBytes }, async (data) => [
          await data.words().countByValue().collect(),
          // Not of the source itself, so one by one.
          await data
            .words()
            .map((word) => word)
            .countByValue()
            .collect(),
        ]);
        expect(plain(counted.results[0]![0]!)).toEqual(plain(counted.results[0]![1]!));
        const found = (pattern: RegExp) => texts.flatMap((text) => text.match(pattern) ?? []);
        expect(results[0]).toEqual([found(/[a-z]+/gi).map((word) => word.toLowerCase()), found(/[aB9']+/g)]);
      },
    );
    await fc.assert(property);
  });

  it("many and long words are kept apart", async () => {
    const words = Array.from({ length: 100_000 }, (_, index) =>
      index.toString(26).replace(/[0-9]/g, (digit) => "qrstuvwxyz"[Number(digit)]!),
    ).concat("x".repeat(5000), "y".repeat(5001));
    const input = () => [["words.txt", [...words, ...words].join(" ")]] as const;
    const { results } = await runCrew({ size: 1, input, chunkBytes: 65_536 }, (data) =>
      data.words().collect(),
    );
    expect(results[0]!.join(" ")).toBe([...words, ...words].join(" "));
    const counted = await runCrew({ size: 1, input, chunkBytes: 65_536 }, (data) =>
      data.words().countByValue().collect(),
    );
    expect(counted.results[0]!.length).toBe(words.length);
    expect(counted.results[0]!.every(([, count]) => count === 2)).toBe(true);
  });

  it("csv has typed columns, jsonl documents", async () => {
    const { results } = await runCrew({ size: 2, input }, async (data) => ({
      people: await data
        .csv({ files: "*.csv", columns: { name: "string", age: "int", born: "date" } })
        .collect(),
      events: await data.jsonl<{ a: number | null }>({ files: "**/events-*.jsonl" }).collect(),
    }));
    expect(results[0]).toEqual({
      people: [0, 1].flatMap((rank) => [
        { name: 'Ada, "the" first', age: 36 + rank, born: new Date("1815-12-10") },
        { name: "Bob", age: Number.NaN, born: new Date("2000-01-01") },
      ]),
      events: [{ a: 0 }, { a: null }, { a: 1 }, { a: null }],
    });
  });
});
