import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCrew } from "./crew.suite.ts";
import type { Dataset } from "./dataset.ts";
import type { Datasets } from "./datasets.ts";
import { compareKeys, identityOf, type Key } from "./key.ts";

const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom("", "a", "b", "ü", "a,b"),
  fc.constantFrom(null, true, 2n, Number.NaN, 0.5, -0),
  fc.tuple(fc.constantFrom("x", "y"), fc.nat(2)),
  fc.constantFrom(new Date(0), new Date(86_400_000)),
);
const anyPair = fc.tuple(anyKey, fc.integer({ min: -100, max: 100 }));
const anyCrew = fc.record({
  size: fc.constantFrom(1, 2, 7, 16),
  seed: fc.nat(),
  // So little that everything goes to disk, or enough for all.
  memoryBytes: fc.constantFrom(0, 500, 2 ** 30),
});

/** Rows in one order, whichever worker they were on. */
const sorted = (rows: readonly unknown[]): unknown[] =>
  [...rows].sort((left, right) => compareKeys(textOf(left), textOf(right)));
const textOf = (row: unknown): string =>
  JSON.stringify(row, (_, value) =>
    typeof value === "bigint" ? `${value}n` : Number.isNaN(value) ? "NaN" : value,
  );
const plain = (rows: readonly unknown[]) => sorted(rows).map(textOf);

/** `act` on any rows over any workers gives what `reference` gives of the same rows in one place, in any order. */
async function equals<Row>(
  rows: fc.Arbitrary<Row>,
  act: (data: Dataset<Row>, all: Datasets) => Dataset<unknown>,
  reference: (rows: readonly Row[]) => readonly unknown[],
  inOrder = false,
): Promise<void> {
  const property = fc.asyncProperty(anyCrew, fc.array(rows, { maxLength: 60 }), async (crew, given) => {
    const { results } = await runCrew(crew, (data) => act(data.of(given), data).collect());
    const wanted = reference(given);
    for (const result of results) {
      if (inOrder) expect(result).toEqual(wanted);
      else expect(plain(result)).toEqual(plain(wanted));
    }
  });
  await fc.assert(property, { numRuns: 60 });
}

function groups<V>(pairs: readonly (readonly [Key, V])[]): Map<unknown, [Key, V[]]> {
  const found = new Map<unknown, [Key, V[]]>();
  for (const [key, value] of pairs) {
    const group = found.get(identityOf(key)) ?? [key, []];
    group[1].push(value);
    found.set(identityOf(key), group);
  }
  return found;
}

const sum = (values: readonly number[]) => values.reduce((left, right) => left + right, 0);

describe("on any rows, over 1 to 16 workers, in memory and on disk:", () => {
  it("map, filter, flatMap and mapPartitions", () =>
    equals(
      fc.integer(),
      (data) =>
        data
          .map((row) => row * 2)
          .filter((row) => row % 3 !== 0)
          .flatMap((row) => [row, -row])
          .mapPartitions(async function* (rows) {
            for await (const row of rows) yield `${row}`;
          }),
      (rows) =>
        rows
          .map((row) => row * 2)
          .filter((row) => row % 3 !== 0)
          .flatMap((row) => [`${row}`, `${-row}`]),
    ));

  it("reduceByKey", () =>
    equals(
      anyPair,
      (data) => data.reduceByKey((left, right) => left + right),
      (rows) => [...groups(rows).values()].map(([key, values]) => [key, sum(values)]),
    ));

  it("aggregateByKey, with a sum that grows", () =>
    equals(
      anyPair,
      (data) =>
        data
          .aggregateByKey<Key, number, Set<number>>({
            zero: () => new Set(),
            add: (seen, value) => seen.add(value),
            combine: (left, right) => new Set([...left, ...right]),
          })
          .mapValues((seen) => seen.size),
      (rows) => [...groups(rows).values()].map(([key, values]) => [key, new Set(values).size]),
    ));

  it("groupByKey", () =>
    equals(
      anyPair,
      (data) => data.groupByKey().mapValues((values) => values.sort((left, right) => left - right)),
      (rows) =>
        [...groups(rows).values()].map(([key, values]) => [key, values.sort((left, right) => left - right)]),
    ));

  it("countByKey and countByValue", async () => {
    const counts = (rows: readonly Key[]) =>
      [...groups(rows.map((row) => [row, 1] as const)).values()].map(([key, ones]) => [key, ones.length]);
    await equals(
      anyPair,
      (data) => data.countByKey(),
      (rows) => counts(rows.map(([key]) => key)),
    );
    await equals(anyKey, (data) => data.countByValue(), counts);
  });

  it("distinct", () =>
    equals(
      anyKey,
      (data) => data.distinct(),
      (rows) => [...groups(rows.map((row) => [row, row] as const)).values()].map(([key]) => key),
    ));

  it.each(["auto", "broadcast", "shuffle"] as const)("join and leftJoin (%s)", async (strategy) => {
    const right = (data: Datasets) =>
      data.of([
        [1, "one"],
        [1, "uno"],
        ["a", "A"],
        [null, "null"],
      ] as [Key, string][]);
    const rights = groups([
      [1, "one"],
      [1, "uno"],
      ["a", "A"],
      [null, "null"],
    ] as [Key, string][]);
    await equals(
      anyPair,
      (data, all) => data.join(right(all), { strategy }),
      (rows) =>
        rows.flatMap(([key, value]) =>
          (rights.get(identityOf(key))?.[1] ?? []).map((other) => [key, [value, other]]),
        ),
    );
    await equals(
      anyPair,
      (data, all) => data.leftJoin(right(all), { strategy }),
      (rows) =>
        rows.flatMap(([key, value]) =>
          (rights.get(identityOf(key))?.[1] ?? [undefined]).map((other) => [key, [value, other]]),
        ),
    );
  });

  it("sortBy is a stable order over all workers", async () => {
    const numbered = (rows: readonly (readonly [Key, number])[]) =>
      rows.map(([key], index) => [key, index] as const);
    const stable = (rows: readonly (readonly [Key, number])[], sign: number) =>
      numbered(rows).sort((left, right) => sign * compareKeys(left[0], right[0]) || left[1] - right[1]);
    const property = fc.asyncProperty(anyCrew, fc.array(anyPair, { maxLength: 80 }), async (crew, given) => {
      const { results } = await runCrew(crew, async (data) => [
        await data
          .of(numbered(given))
          .sortBy(([key]) => key)
          .collect(),
        await data
          .of(numbered(given))
          .sortBy(([key]) => key, { descending: true })
          .collect(),
      ]);
      for (const [up, down] of results) {
        expect(up).toEqual(stable(given, 1));
        expect(down).toEqual(stable(given, -1));
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("union, also with itself, and cache", () =>
    equals(
      anyPair,
      (data) => {
        const sums = data.reduceByKey((left, right) => left + right).cache();
        return sums.union(sums, data as Dataset<[Key, number]>);
      },
      (rows) => {
        const sums = [...groups(rows).values()].map(([key, values]) => [key, sum(values)]);
        return [...sums, ...sums, ...rows];
      },
    ));

  it("count, reduce, take and top", async () => {
    const property = fc.asyncProperty(
      anyCrew,
      fc.array(fc.integer(), { maxLength: 60 }),
      fc.nat(70),
      async (crew, given, few) => {
        const { results } = await runCrew(crew, async (all) => {
          const data = all.of(given);
          return [
            await data.count(),
            await data.reduce((left, right) => Math.min(left, right)),
            await data.take(few),
            await data.top(few, (row) => row),
          ];
        });
        for (const result of results) {
          expect(result).toEqual([
            given.length,
            given.length === 0 ? undefined : Math.min(...given),
            given.slice(0, few),
            [...given].sort((left, right) => right - left).slice(0, few),
          ]);
        }
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
});

describe("a plan", () => {
  it("runs only when an action asks, once with a cache, and again without", async () => {
    let calls = 0;
    const { results } = await runCrew({ size: 3 }, async (data) => {
      const counted = data.range(30).map((row) => {
        calls += 1;
        return row;
      });
      const kept = counted.cache();
      expect([await kept.count(), await kept.count(), await counted.count()]).toEqual([30, 30, 30]);
      return kept.explain();
    });
    expect(calls).toBe(60);
    expect(results[0]).toBe("cache (filled)\n+- map\n  +- range 0 to 30");
  });

  it("shows itself", async () => {
    const { results } = await runCrew({ size: 1 }, async (data) =>
      data
        .text({ files: "*.txt" })
        .keyBy((line) => line.length)
        .join(data.range(3).map((row) => [row, row] as [number, number]))
        .sortBy(([key]) => key)
        .explain(),
    );
    expect(results[0]).toBe(
      [
        "~~> sortBy",
        "+- ~~> join",
        "  +- keyBy",
        "    +- text *.txt",
        "  +- map",
        "    +- range 0 to 3",
      ].join("\n"),
    );
  });

  it("is a stage for each of its actions", async () => {
    const { stages } = await runCrew({ size: 2 }, async (data) => {
      await data.range(3).count();
      await data.range(3).saveAsText();
    });
    expect(stages).toEqual([
      ["count", "saveAsText"],
      ["count", "saveAsText"],
    ]);
  });
});

describe("an error of the user's function", () => {
  it.each([
    ["map", (data: Dataset<number>, fail: (row: number) => number) => data.map(fail)],
    ["filter", (data: Dataset<number>, fail: (row: number) => number) => data.filter(fail)],
    ["keyBy", (data: Dataset<number>, fail: (row: number) => number) => data.keyBy(fail)],
    ["sortBy", (data: Dataset<number>, fail: (row: number) => number) => data.sortBy(fail)],
  ] as const)("in %s says which record of which worker", async (label, act) => {
    const fail = (row: number): number => {
      if (row === 77) throw new TypeError("seventy-seven");
      return row;
    };
    // 100 numbers on one worker; the others would wait for it for ever, as the job would end here.
    const failed = runCrew({ size: 1 }, (data) => act(data.range(100), fail).count());
    await expect(failed).rejects.toMatchObject({
      code: "JOB_THREW",
      message: `${label}, record 77 of worker 0: seventy-seven`,
      stack: expect.stringMatching(/record 77[^\n]*\n\s+at .*fail/),
    });
  });
});

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

describe("output", () => {
  it("comes in order, as text, JSON lines and CSV", async () => {
    const rows = [
      { id: 2, name: 'b "quoted", with comma' },
      { id: 1, name: "a" },
    ];
    const { output } = await runCrew({ size: 3 }, async (data) => {
      const ordered = data.of(rows).sortBy(({ id }) => id);
      await ordered.saveAsText(({ name }) => name);
      await ordered.saveAsJsonl();
      await ordered.saveAsCsv(["id", "name"]);
    });
    // Each worker's parts follow each other.
    const lines = output.split("\n").filter((line) => line !== "");
    expect(lines.sort()).toEqual(
      [
        "a",
        'b "quoted", with comma',
        ...rows.map((row) => JSON.stringify(row)),
        "id,name",
        "1,a",
        '2,"b ""quoted"", with comma"',
      ].sort(),
    );
  });
});
