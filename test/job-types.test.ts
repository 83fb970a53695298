// What the compiler says of jobs: `npm run types` reads this file. A wrong combiner or parameter is an error here and not
// in the function. Nothing runs: the functions are there to be compiled.

import { defineJob, type Group, type Worker } from "@fnmesh/core";
import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";

/** Compiled, never called. */
const compiled = (_body: (group: Group) => unknown): void => {};

describe("reductions", () => {
  test("results are as wide as what the operation can give", () => {
    compiled((group) => {
      expectTypeOf(group.allReduce(5, "sum")).toEqualTypeOf<Promise<number>>();
      expectTypeOf(group.allReduce(5n, "max")).toEqualTypeOf<Promise<bigint>>();
      expectTypeOf(group.allReduce(true, "and")).toEqualTypeOf<Promise<boolean>>();
      expectTypeOf(group.scan(5, "sum")).toEqualTypeOf<Promise<number>>();
      expectTypeOf(group.exscan(5, "sum")).toEqualTypeOf<Promise<number | undefined>>();
      expectTypeOf(group.reduce(5, "sum")).toEqualTypeOf<Promise<number | undefined>>();
      expectTypeOf(group.reduceScatter([1, 2], "sum")).toEqualTypeOf<Promise<number>>();
      expectTypeOf(group.allReduce(new Float32Array(3), "sum")).toExtend<Promise<Float32Array>>();
    });
  });

  test("named operations are for numbers, bigints, booleans and typed arrays", () => {
    compiled((group) => {
      void group.allReduce(new BigInt64Array(1), "xor");
      // @ts-expect-error: no sum of strings
      void group.allReduce("text", "sum");
      // @ts-expect-error: nor of plain objects
      void group.allReduce({ count: 1 }, "sum");
      // @ts-expect-error: booleans have and, or and xor
      void group.allReduce(true, "sum");
      // @ts-expect-error: no such operation
      void group.allReduce(1, "average");
    });
  });

  test("a combiner takes and gives what is combined: elements of typed arrays, everything else whole", () => {
    compiled((group) => {
      void group.allReduce({ count: 1 }, (left, right) => ({ count: left.count + right.count }));
      void group.allReduce(new Float64Array(1), {
        combine: (left, right) => left + right,
        commutative: true,
      });
      void group.allReduce(new BigInt64Array(1), (left, right) => left * right);
      // @ts-expect-error: it gives another type
      void group.allReduce({ count: 1 }, (left, right) => left.count + right.count);
      // @ts-expect-error: it takes strings
      void group.allReduce(1, (left: string, right: string) => left + right);
      // @ts-expect-error: the elements are numbers, not arrays
      void group.allReduce(new Float64Array(1), (left: Float64Array, _right: Float64Array) => left);
      // @ts-expect-error: the elements are bigints
      void group.allReduce(new BigInt64Array(1), (left: number, right: number) => left + right);
    });
  });
});

describe("other collectives", () => {
  test("give back the type that they take", () => {
    compiled((group) => {
      expectTypeOf(group.allGather("a")).toEqualTypeOf<Promise<string[]>>();
      expectTypeOf(group.gather("a")).toEqualTypeOf<Promise<string[] | undefined>>();
      expectTypeOf(group.broadcast<Date>(undefined)).toEqualTypeOf<Promise<Date>>();
      expectTypeOf(group.scatter<Date>(undefined)).toEqualTypeOf<Promise<Date>>();
      expectTypeOf(group.allToAll([new Date()])).toEqualTypeOf<Promise<Date[]>>();
      expectTypeOf(group.split("colour")).toEqualTypeOf<Promise<Group>>();
      expectTypeOf(group.split(undefined)).toEqualTypeOf<Promise<undefined>>();
      // @ts-expect-error: one part for each member
      void group.allToAll("ab");
    });
  });
});

describe("defineJob", () => {
  test("types the parameters by their schema", () => {
    const params = z.object({ rounds: z.coerce.number(), name: z.string().optional() });
    defineJob({
      params,
      async run(worker) {
        expectTypeOf(worker.params.rounds).toEqualTypeOf<number>();
        expectTypeOf(worker.params.name).toEqualTypeOf<string | undefined>();
        // @ts-expect-error: the schema has no such parameter
        return worker.params.others;
      },
    });
  });

  test("without a schema parameters are strings", () => {
    defineJob({
      async run(worker) {
        expectTypeOf(worker).toEqualTypeOf<Worker>();
        expectTypeOf(worker.params).toEqualTypeOf<Readonly<Record<string, string>>>();
      },
    });
  });
});
