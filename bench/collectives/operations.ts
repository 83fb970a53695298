// What is measured of each collective: its input, fnmesh's call and the naive one, and what shows that the result is
// right. An element is 1 + the rank that brought it + 1000 x the rank that it is for, so sums and transpositions show.

import type { Group } from "fnmesh";
import type { Collective } from "./figures.ts";
import * as naive from "./naive.ts";

export interface Operation {
  /** One value, or one for each member. */
  readonly brings: "nothing" | "value" | "parts";
  fnmesh(group: Group, input: Float64Array): Promise<unknown>;
  naive(group: Group, input: Float64Array): Promise<unknown>;
  /** The first element of each value that comes out, for a member; none where nothing comes out. */
  expected(rank: number, size: number): readonly number[];
}

const element = (from: number, to = 0): number => 1 + from + 1000 * to;
const ranks = (size: number): number[] => Array.from({ length: size }, (_, rank) => rank);
/** The sum of what ranks 0 to `last` brought. */
const sumTo = (last: number, to = 0): number =>
  ranks(last + 1).reduce((sum, from) => sum + element(from, to), 0);

/** The input of one member; `bytes` is the size of each value. */
export function inputOf({ brings }: Operation, rank: number, size: number, bytes: number): Float64Array {
  const length = bytes / Float64Array.BYTES_PER_ELEMENT;
  const values = brings === "parts" ? size : brings === "value" ? 1 : 0;
  const input = new Float64Array(length * values);
  for (let to = 0; to < values; to += 1) input.fill(element(rank, to), to * length, (to + 1) * length);
  return input;
}

/** A list of arrays, as the collectives take it; they lie in one, as the naive ones take it. */
export function partsOf(input: Float64Array, { size }: Group): Float64Array[] {
  const length = input.length / size;
  return ranks(size).map((to) => input.subarray(to * length, (to + 1) * length));
}

export const operations: Readonly<Record<Collective, Operation>> = {
  barrier: {
    brings: "nothing",
    fnmesh: (group) => group.barrier(),
    naive: naive.barrier,
    expected: () => [],
  },
  broadcast: {
    brings: "value",
    fnmesh: (group, input) => group.broadcast(group.rank === 0 ? input : undefined),
    naive: naive.broadcast,
    expected: () => [element(0)],
  },
  scatter: {
    brings: "parts",
    fnmesh: (group, input) => group.scatter(group.rank === 0 ? partsOf(input, group) : undefined),
    naive: naive.scatter,
    expected: (rank) => [element(0, rank)],
  },
  gather: {
    brings: "value",
    fnmesh: (group, input) => group.gather(input),
    naive: naive.gather,
    expected: (rank, size) => (rank > 0 ? [] : ranks(size).map((from) => element(from))),
  },
  allGather: {
    brings: "value",
    fnmesh: (group, input) => group.allGather(input),
    naive: naive.allGather,
    expected: (_rank, size) => ranks(size).map((from) => element(from)),
  },
  reduce: {
    brings: "value",
    fnmesh: (group, input) => group.reduce(input, "sum"),
    naive: naive.reduce,
    expected: (rank, size) => (rank > 0 ? [] : [sumTo(size - 1)]),
  },
  allReduce: {
    brings: "value",
    fnmesh: (group, input) => group.allReduce(input, "sum"),
    naive: naive.allReduce,
    expected: (_rank, size) => [sumTo(size - 1)],
  },
  reduceScatter: {
    brings: "parts",
    fnmesh: (group, input) => group.reduceScatter(partsOf(input, group), "sum"),
    naive: naive.reduceScatter,
    expected: (rank, size) => [sumTo(size - 1, rank)],
  },
  scan: {
    brings: "value",
    fnmesh: (group, input) => group.scan(input, "sum"),
    naive: naive.scan,
    expected: (rank) => [sumTo(rank)],
  },
  allToAll: {
    brings: "parts",
    fnmesh: (group, input) => group.allToAll(partsOf(input, group)),
    naive: naive.allToAll,
    expected: (rank, size) => ranks(size).map((from) => element(from, rank)),
  },
};

/** Throws unless every value that came out has the bytes, and begins and ends as it has to. */
export function check(result: unknown, expected: readonly number[], bytes: number): void {
  const length = bytes / Float64Array.BYTES_PER_ELEMENT;
  const arrays = (Array.isArray(result) ? result : result === undefined ? [] : [result]) as Float64Array[];
  const total = arrays.reduce((sum, array) => sum + array.length, 0);
  if (total !== length * expected.length) throw new Error(`${total} elements came out`);
  const at = (index: number): number => {
    const array = arrays.length === 1 ? arrays[0]! : arrays[Math.floor(index / length)]!;
    return array[arrays.length === 1 ? index : index % length]!;
  };
  for (const [index, value] of expected.entries()) {
    const [first, last] = [at(index * length), at((index + 1) * length - 1)];
    if (first !== value || last !== value) throw new Error(`${first} … ${last} came out, not ${value}`);
  }
}
