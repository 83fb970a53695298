import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plain, runCrew } from "./crew.suite.ts";
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
