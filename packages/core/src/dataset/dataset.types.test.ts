// What the compiler says of datasets: each `@ts-expect-error` is an error of `npm run types` when the next line compiles.

import { expectTypeOf, test } from "vitest";
import type { Dataset } from "./dataset.ts";
import type { Datasets } from "./datasets.ts";

/** Compiled and never run. */
function compiled(data: Datasets): void {
  const orders = data.csv({
    columns: { id: "int", customer: "string", price: "number", at: "date", paid: "boolean" },
  });
  type Order = { id: number; customer: string; price: number; at: Date; paid: boolean };
  expectTypeOf(orders.map((row) => row)).toExtend<Dataset<Order>>();

  const prices = orders.map(({ customer, price }) => [customer, price] as [string, number]);
  expectTypeOf(prices.reduceByKey((left, right) => left + right)).toEqualTypeOf<Dataset<[string, number]>>();
  expectTypeOf(prices.groupByKey()).toEqualTypeOf<Dataset<[string, number[]]>>();
  expectTypeOf(orders.keyBy(({ id }) => id).mapValues(({ at }) => at)).toEqualTypeOf<
    Dataset<[number, Date]>
  >();
  expectTypeOf(prices.countByKey()).toEqualTypeOf<Dataset<[string, number]>>();

  const names = data.of([["a", new Date()]] as [string, Date][]);
  expectTypeOf(prices.join(names)).toEqualTypeOf<Dataset<[string, [number, Date]]>>();
  expectTypeOf(prices.leftJoin(names)).toEqualTypeOf<Dataset<[string, [number, Date | undefined]]>>();
  expectTypeOf(data.text().filter((line): line is "x" => line === "x")).toEqualTypeOf<Dataset<"x">>();
  expectTypeOf(prices.take(3)).resolves.toEqualTypeOf<[string, number][]>();
  expectTypeOf(data.range(3).reduce(Math.max)).resolves.toEqualTypeOf<number | undefined>();

  // @ts-expect-error: there is no such column
  orders.map(({ prize }) => prize);
  // @ts-expect-error: no such type of a column
  data.csv({ columns: { id: "integer" } });
  // @ts-expect-error: the combiner makes texts of numbers
  prices.reduceByKey((left, right) => `${left}${right}`);
  // @ts-expect-error: rows that are no pairs have no keys
  orders.reduceByKey((left) => left);
  // @ts-expect-error: an object is no key
  orders.keyBy((row) => row);
  // @ts-expect-error: keys of another type
  prices.join(data.of([[1, "one"]] as [number, string][]));
  // @ts-expect-error: rows of another type
  prices.union(data.range(3));
  // @ts-expect-error: what is sorted by is a key
  orders.sortBy((row) => row);
  // @ts-expect-error: no such property to write
  void orders.saveAsCsv(["prize"]);
  prices.aggregateByKey({
    zero: () => new Set<number>(),
    // @ts-expect-error: the sum is a set
    add: (sum, value) => sum + value,
    combine: (left) => left,
  });
}

test("types are checked by the compiler", () => {
  expectTypeOf(compiled).toBeFunction();
});
