// Operations by key, as plans.

import type { Key } from "./key.ts";
import type { AggregatePlan, Plan } from "./plan.ts";
import type { Aggregation } from "./table.ts";

type Pair = readonly [key: Key, value: unknown];

const keyOfPair = (row: unknown): Key => (row as Pair)[0];
const valueOfPair = (row: unknown): unknown => (row as Pair)[1];

export const aggregatePlan = (
  label: string,
  from: Plan,
  aggregation: Aggregation,
  key = keyOfPair,
  value = valueOfPair,
): AggregatePlan => ({
  kind: "aggregate",
  label,
  from,
  key,
  value,
  aggregation,
  emit: (key, sum) => [key, sum],
});

/** Sums are of the values' own type. */
export const reduceAggregation = (combine: (left: unknown, right: unknown) => unknown): Aggregation => ({
  create: (value) => value,
  add: combine,
  combine,
  grows: false,
});

export const groupAggregation: Aggregation = {
  create: (value) => [value],
  add(values, value) {
    (values as unknown[]).push(value);
    return values;
  },
  combine(left, right) {
    for (const value of right as unknown[]) (left as unknown[]).push(value);
    return left;
  },
  grows: true,
};

/** Any one of the rows with a key will do. */
export const distinctPlan = (from: Plan, by: (row: unknown) => Key): AggregatePlan => ({
  ...aggregatePlan(
    "distinct",
    from,
    reduceAggregation((left) => left),
    by,
    (row) => row,
  ),
  emit: (_key, row) => row,
});

/** How often each row is there. A source that counts as it reads is asked to. */
export function countPlan(from: Plan, add: (left: unknown, right: unknown) => unknown): AggregatePlan {
  const aggregation = reduceAggregation(add);
  if (from.kind === "source" && from.openCounted !== undefined) {
    return aggregatePlan("countByValue", { ...from, open: from.openCounted }, aggregation);
  }
  return aggregatePlan(
    "countByValue",
    from,
    aggregation,
    (row) => row as Key,
    () => 1,
  );
}
