import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Choices, measuredChoices } from "./choices.ts";
import type { Group } from "./group.ts";
import type { NumericArray, OperationName } from "./operation.ts";
import { createTeam, type Team, together } from "./team.suite.ts";

/** Every algorithm, whatever the size and the bytes. */
const anyChoices: fc.Arbitrary<Choices> = fc
  .record({
    flat: fc.boolean(),
    inlineBytes: fc.constantFrom(0, 8, 4096),
    segmentBytes: fc.constantFrom(8, 24, 4096),
    broadcast: fc.constantFrom("whole", "tree", "binary tree", "chain"),
    allGather: fc.constantFrom("direct", "bruck", "ring"),
    reduce: fc.constantFrom("rooted", "tree", "blocks"),
    allReduce: fc.constantFrom("rooted", "tree", "doubling", "halving", "blocks"),
    reduceScatter: fc.constantFrom("central", "halving", "direct"),
    scan: fc.constantFrom("central", "doubling", "chain"),
    allToAll: fc.constantFrom("central", "bruck", "direct"),
    barrier: fc.constantFrom("central", "dissemination"),
  } as const)
  .map(({ flat, inlineBytes, segmentBytes, ...chosen }) => ({
    inlineBytes,
    allGatherInlineBytes: () => inlineBytes,
    allToAllInlineBytes: () => inlineBytes,
    segmentBytes,
    flat: () => flat,
    broadcast: () => chosen.broadcast,
    allGather: () => chosen.allGather,
    // Only arrays have bytes that can be cut.
    reduce: (_size, bytes) => (bytes > 0 || chosen.reduce !== "blocks" ? chosen.reduce : "tree"),
    allReduce: (_size, bytes) =>
      bytes > 0 || !["halving", "blocks"].includes(chosen.allReduce) ? chosen.allReduce : "doubling",
    reduceScatter: () => chosen.reduceScatter,
    scan: () => chosen.scan,
    allToAll: () => chosen.allToAll,
    barrier: () => chosen.barrier,
  }));

const anyTeam = fc.record({
  size: fc.integer({ min: 1, max: 33 }),
  seed: fc.nat(),
  choices: fc.oneof(fc.constant(measuredChoices), anyChoices),
  rootAt: fc.nat(),
});

const whole = { min: -1000, max: 1000 };
const arrayOf = {
  Int8Array: (values: number[]) => Int8Array.from(values),
  Uint8Array: (values: number[]) => Uint8Array.from(values),
  Uint8ClampedArray: (values: number[]) => Uint8ClampedArray.from(values),
  Int16Array: (values: number[]) => Int16Array.from(values),
  Uint16Array: (values: number[]) => Uint16Array.from(values),
  Int32Array: (values: number[]) => Int32Array.from(values),
  Uint32Array: (values: number[]) => Uint32Array.from(values),
  Float32Array: (values: number[]) => Float32Array.from(values),
  Float64Array: (values: number[]) => Float64Array.from(values),
  BigInt64Array: (values: number[]) => BigInt64Array.from(values.map(BigInt)),
  BigUint64Array: (values: number[]) => BigUint64Array.from(values.map((value) => BigInt(value))),
} as const satisfies Record<string, (values: number[]) => NumericArray>;
const anyType = fc.constantFrom(...(Object.keys(arrayOf) as (keyof typeof arrayOf)[]));

/** Any value that can be sent, of any size, empty ones too. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.string({ maxLength: 40 }),
  fc.record({ name: fc.string(), scores: fc.array(fc.double({ noNaN: true })), none: fc.constant(null) }),
  fc
    .tuple(anyType, fc.array(fc.integer(whole), { maxLength: 30 }))
    .map(([type, values]) => arrayOf[type](values)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
);

const runs = { numRuns: 60 };

/** `act` for any team with a value of `values` for each (member, other): what it gave, and what all gave in. */
async function holds<T, R>(
  values: fc.Arbitrary<T>,
  act: (group: Group, own: readonly T[], root: number) => Promise<R>,
  check: (results: readonly R[], given: readonly (readonly T[])[], root: number, team: Team) => void,
): Promise<void> {
  const property = fc.asyncProperty(anyTeam, fc.infiniteStream(values), async (options, stream) => {
    const { size, rootAt } = options;
    const given = Array.from({ length: size }, () => [...stream.take(size)]);
    const root = rootAt % size;
    const team = createTeam(options);
    const results = await together(team, (group) => act(group, given[group.rank]!, root));
    check(results, given, root, team);
  });
  await fc.assert(property, runs);
}

describe("values of all kinds, in groups of 1 to 33, with any root and any algorithm:", () => {
  it("broadcast gives the root's to all", () =>
    holds(
      anyValue,
      (group, [own], root) => group.broadcast(group.rank === root ? own : undefined, { root }),
      (results, given, root) => {
        for (const result of results) expect(result).toEqual(given[root]![0]);
      },
    ));

  it("scatter gives each its part", () =>
    holds(
      anyValue,
      (group, own, root) => group.scatter(group.rank === root ? own : undefined, { root }),
      (results, given, root) => expect(results).toEqual(given[root]),
    ));

  it("gather gives the root all of them, by rank", () =>
    holds(
      anyValue,
      (group, [own], root) => group.gather(own, { root }),
      (results, given, root) => {
        for (const [rank, result] of results.entries()) {
          expect(result).toEqual(rank === root ? given.map(([own]) => own) : undefined);
        }
      },
    ));

  it("allGather gives all of them to all", () =>
    holds(
      anyValue,
      (group, [own]) => group.allGather(own),
      (results, given) => {
        for (const result of results) expect(result).toEqual(given.map(([own]) => own));
      },
    ));

  it("allToAll transposes", () =>
    holds(
      anyValue,
      (group, own) => group.allToAll(own),
      (results, given) => {
        for (const [rank, result] of results.entries()) {
          expect(result).toEqual(given.map((parts) => parts[rank]));
        }
      },
    ));
});

/** Strings joined: associative, and every order of ranks shows. */
const join = { combine: (left: string, right: string) => `${left}${right}` };
/** Not even associative. */
const nest = { combine: (left: string, right: string) => `(${left} ${right})`, associative: false };
const letters = fc.string({ maxLength: 5 });

describe.each([
  ["an operation that keeps the order", join],
  ["one that is not associative", nest],
  ["a bare function", join.combine],
] as const)("%s:", (_what, operation) => {
  const combine = typeof operation === "function" ? operation : operation.combine;
  const fold = (values: readonly string[]): string => values.reduce(combine);

  it("reduce", () =>
    holds(
      letters,
      (group, [own], root) => group.reduce(own!, operation, { root }),
      (results, given, root) => {
        for (const [rank, result] of results.entries()) {
          expect(result).toBe(rank === root ? fold(given.map(([own]) => own!)) : undefined);
        }
      },
    ));

  it("allReduce", () =>
    holds(
      letters,
      (group, [own]) => group.allReduce(own!, operation),
      (results, given) => {
        for (const result of results) expect(result).toBe(fold(given.map(([own]) => own!)));
      },
    ));

  it("reduceScatter", () =>
    holds(
      letters,
      (group, own) => group.reduceScatter(own, operation),
      (results, given) => {
        expect(results).toEqual(results.map((_, rank) => fold(given.map((parts) => parts[rank]!))));
      },
    ));

  it("scan and exscan", () =>
    holds(
      letters,
      async (group, [own]) => [await group.scan(own!, operation), await group.exscan(own!, operation)],
      (results, given) => {
        const values = given.map(([own]) => own!);
        for (const [rank, [inclusive, exclusive]] of results.entries()) {
          expect(inclusive).toBe(fold(values.slice(0, rank + 1)));
          expect(exclusive).toBe(rank === 0 ? undefined : fold(values.slice(0, rank)));
        }
      },
    ));
});

const names: readonly OperationName[] = ["sum", "product", "min", "max", "and", "or", "xor"];
const small = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 0, maxLength: 20 });

/** What a typed array makes of an element: it wraps, clamps or rounds at every step. */
function foldArrays(arrays: readonly NumericArray[], name: OperationName): NumericArray {
  const [first, ...rest] = arrays as readonly Float64Array[];
  const sum = first!.slice();
  for (const array of rest) {
    for (let index = 0; index < sum.length; index += 1) {
      const [left, right] = [sum[index]!, array[index]!];
      if (name === "sum") sum[index] = left + right;
      else if (name === "product") sum[index] = left * right;
      // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
      else if (name === "min") sum[index] = left < right ? left : right;
      // biome-ignore lint/complexity/useMathMinMax: nor does Math.max
      else if (name === "max") sum[index] = left > right ? left : right;
      else if (name === "and") sum[index] = left & right;
      else if (name === "or") sum[index] = left | right;
      else sum[index] = left ^ right;
    }
  }
  return sum;
}

describe("typed arrays, element by element:", () => {
  it.each(names)("%s of every element type, in every reduction", async (name) => {
    const property = fc.asyncProperty(
      anyTeam,
      anyType,
      small,
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      async (options, type, like, stream) => {
        const { size, rootAt } = options;
        const root = rootAt % size;
        const given = Array.from({ length: size }, () => arrayOf[type]([...stream.take(like.length)]));
        const team = createTeam(options);
        const results = await together(team, async (group) => {
          const own = given[group.rank]! as Float64Array;
          const kept = own.slice();
          const cut = Array.from({ length: size }, (_, rank) => own.subarray(0, rank % (own.length + 1)));
          const [reduced, all, scattered, scanned, before] = await Promise.all([
            group.reduce(own, name, { root }),
            group.allReduce(own, name),
            group.reduceScatter(cut, name),
            group.scan(own, name),
            group.exscan(own, name),
          ]);
          expect(own).toEqual(kept);
          return { reduced, all, scattered, scanned, before };
        });
        const sum = foldArrays(given, name);
        for (const [rank, result] of results.entries()) {
          expect(result.reduced).toEqual(rank === root ? sum : undefined);
          expect(result.all).toEqual(sum);
          expect(result.scattered).toEqual(sum.subarray(0, rank % (like.length + 1)));
          expect(result.scanned).toEqual(foldArrays(given.slice(0, rank + 1), name));
          expect(result.before).toEqual(rank === 0 ? undefined : foldArrays(given.slice(0, rank), name));
        }
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it("by the user's own function, in the order of ranks", () =>
    holds(
      fc.tuple(fc.nat(9), fc.nat(9)).map((pair) => BigInt64Array.from(pair.map(BigInt))),
      // Digits one after the other.
      (group, [own]) =>
        group.allReduce(own!, { combine: (left, right) => 10n * left + right, associative: false }),
      (results, given) => {
        const digits = [0, 1].map((at) => BigInt(given.map(([own]) => own![at]).join("")));
        const wrapped = BigInt64Array.from(digits);
        for (const result of results) expect(result).toEqual(wrapped);
      },
    ));
});

describe("numbers, bigints and booleans", () => {
  it("have the named operations", async () => {
    const team = createTeam({ size: 5 });
    expect(await together(team, ({ rank, allReduce }) => allReduce(rank + 1, "product"))).toEqual(
      Array(5).fill(120),
    );
    expect(await together(team, ({ rank, allReduce }) => allReduce(BigInt(rank), "max"))).toEqual(
      Array(5).fill(4n),
    );
    expect(await together(team, ({ rank, allReduce }) => allReduce(rank !== 3, "and"))).toEqual(
      Array(5).fill(false),
    );
  });
});
