// Datasets: rows that are spread over the workers of a job, and what can be done with them. Nothing runs before an
// action asks for a result; then all workers run the same plan, each on its part. The words are Spark's.

import { FnmeshError } from "../errors/errors.ts";
import type { Combine } from "../group/group.ts";
import { type Actions, takeFirst, takeTop } from "./actions.ts";
import { csvLine } from "./csv.ts";
import type { Key } from "./key.ts";
import { aggregatePlan, countPlan, distinctPlan, groupAggregation, reduceAggregation } from "./keyed.ts";
import { filterPlan, flatMapPlan, mapPlan, samplePlan } from "./narrow.ts";
import { explainPlan, type JoinStrategy, type Plan } from "./plan.ts";

export interface JoinOptions {
  /**
   * `broadcast`: the right side goes whole to every worker. `shuffle`: both sides go by key. `auto` (the default): what
   * fits, when the right side's size is known.
   */
  readonly strategy?: JoinStrategy;
}

/** How the values of one key become one, where the sum is of another type than the values. */
export interface Aggregate<Value, Sum> {
  readonly zero: () => Sum;
  /** May change and return `sum`. */
  readonly add: (sum: Sum, value: Value) => Sum;
  readonly combine: (left: Sum, right: Sum) => Sum;
}

/**
 * Rows of one type. Operations that give a dataset are lazy; those that give a promise run: all workers must call them,
 * in the same order, and all get the result. Errors of the user's functions are JOB_THREW, with the operation, the
 * worker and the record. Rows travel as `Peers.send` sends values.
 *
 * @example
 * const words = datasets(worker).text().flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? []);
 * await words.countByValue().sortBy(([word]) => word).saveAsText(([word, count]) => `${word}\t${count}`);
 */
export class Dataset<Row> {
  readonly #plan: Plan;
  readonly #actions: Actions;

  constructor(plan: Plan, actions: Actions) {
    this.#plan = plan;
    this.#actions = actions;
  }

  #next<Other>(plan: Plan): Dataset<Other> {
    return new Dataset<Other>(plan, this.#actions);
  }

  /** The plan as a tree of text, the last operation first; `~~>` where rows change workers. */
  explain(): string {
    return explainPlan(this.#plan);
  }

  map<Other>(map: (row: Row) => Other): Dataset<Other> {
    return this.#next(mapPlan(this.#plan, map));
  }

  flatMap<Other>(map: (row: Row) => Iterable<Other>): Dataset<Other> {
    return this.#next(flatMapPlan(this.#plan, map));
  }

  filter<Kept extends Row>(keep: (row: Row) => row is Kept): Dataset<Kept>;
  filter(keep: (row: Row) => unknown): Dataset<Row>;
  filter(keep: (row: Row) => unknown): Dataset<Row> {
    return this.#next(filterPlan(this.#plan, keep));
  }

  /** All rows of a worker through one function: for what is dear to set up, or needs its neighbours. */
  mapPartitions<Other>(
    map: (rows: AsyncIterable<Row>) => AsyncIterable<Other> | Iterable<Other>,
  ): Dataset<Other> {
    const apply = map as (rows: AsyncIterable<unknown>) => AsyncIterable<unknown>;
    return this.#next({ kind: "partition", label: "mapPartitions", from: this.#plan, apply });
  }

  keyBy<K extends Key>(key: (row: Row) => K): Dataset<[K, Row]> {
    return this.#next(mapPlan(this.#plan, (row: Row) => [key(row), row], "keyBy"));
  }

  mapValues<K extends Key, Value, Other>(
    this: Dataset<readonly [K, Value]>,
    map: (value: Value) => Other,
  ): Dataset<[K, Other]> {
    const mapOne = ([key, value]: readonly [K, Value]) => [key, map(value)];
    return this.#next(mapPlan(this.#plan, mapOne, "mapValues"));
  }

  /** One row a key: its values combined, on each worker first and then over all. `combine` must be associative and commutative. */
  reduceByKey<K extends Key, Value>(
    this: Dataset<readonly [K, Value]>,
    combine: Combine<Value>["combine"],
  ): Dataset<[K, Value]> {
    return this.#next(aggregatePlan("reduceByKey", this.#plan, reduceAggregation(combine as never)));
  }

  aggregateByKey<K extends Key, Value, Sum>(
    this: Dataset<readonly [K, Value]>,
    { zero, add, combine }: Aggregate<Value, Sum>,
  ): Dataset<[K, Sum]> {
    const aggregation = {
      create: (value: unknown) => add(zero(), value as Value),
      add: add as never,
      combine: combine as never,
      // The sum may be a list or a set: it is looked at.
      grows: true,
    };
    return this.#next(aggregatePlan("aggregateByKey", this.#plan, aggregation));
  }

  /** All values of a key together, which must fit into a worker's memory; in no order. */
  groupByKey<K extends Key, Value>(this: Dataset<readonly [K, Value]>): Dataset<[K, Value[]]> {
    return this.#next(aggregatePlan("groupByKey", this.#plan, groupAggregation));
  }

  /** How often each key is there. */
  countByKey<K extends Key>(this: Dataset<readonly [K, unknown]>): Dataset<[K, number]> {
    const one = (row: unknown) => (row as readonly [K, unknown])[0];
    return this.#next(aggregatePlan("countByKey", this.#plan, reduceAggregation(add), one, () => 1));
  }

  /** How often each row is there. */
  countByValue<K extends Key>(this: Dataset<K>): Dataset<[K, number]> {
    return this.#next(countPlan(this.#plan, add));
  }

  /** Each row once; or, with `by`, one row of each key. */
  distinct<K extends Key>(this: Dataset<K>): Dataset<K>;
  distinct(by: (row: Row) => Key): Dataset<Row>;
  distinct(by: (row: Row) => Key = (row) => row as Key): Dataset<Row> {
    return this.#next(distinctPlan(this.#plan, by as never));
  }

  /** For each pair of rows with one key, the two values. */
  join<K extends Key, Left, Right>(
    this: Dataset<readonly [K, Left]>,
    right: Dataset<readonly [K, Right]>,
    options?: JoinOptions,
  ): Dataset<[K, [Left, Right]]> {
    return this.#next(joinPlan(this.#plan, right.#plan, false, options));
  }

  /** The same, and each left row that has none on the right with undefined. */
  leftJoin<K extends Key, Left, Right>(
    this: Dataset<readonly [K, Left]>,
    right: Dataset<readonly [K, Right]>,
    options?: JoinOptions,
  ): Dataset<[K, [Left, Right | undefined]]> {
    return this.#next(joinPlan(this.#plan, right.#plan, true, options));
  }

  /** The rows of all, equal ones too. */
  union(...others: readonly Dataset<Row>[]): Dataset<Row> {
    return this.#next({
      kind: "union",
      label: "union",
      from: [this.#plan, ...others.map((other) => other.#plan)],
    });
  }

  /** In order over all workers, from rank 0 on; rows with equal keys stay in theirs. */
  sortBy(
    key: (row: Row) => Key,
    { descending = false }: { readonly descending?: boolean } = {},
  ): Dataset<Row> {
    const label = descending ? "sortBy, descending" : "sortBy";
    return this.#next({ kind: "sort", label, from: this.#plan, key: key as never, descending });
  }

  /** Each row with this probability; the same rows again with the same seed and the same workers. */
  sample(fraction: number, { seed = 1 }: { readonly seed?: number } = {}): Dataset<Row> {
    if (fraction >= 0 && fraction <= 1) return this.#next(samplePlan(this.#plan, fraction, seed));
    throw new FnmeshError("INVALID_ARGUMENT", `a sample is a fraction from 0 to 1, not ${fraction}`);
  }

  /** Keeps the rows, in memory or on the function's disk, when they are first asked for: later actions find them. */
  cache(): Dataset<Row> {
    return this.#next({ kind: "cache", label: "cache", from: this.#plan, slot: {} });
  }

  count(): Promise<number> {
    return this.#actions.run("count", this.#plan, async (batches, { group }) => {
      let count = 0;
      for await (const batch of batches) count += batch.length;
      return await group.allReduce(count, "sum");
    });
  }

  /** All rows combined; undefined when there are none. In the order of workers; `combine` must be associative. */
  reduce(combine: (left: Row, right: Row) => Row): Promise<Row | undefined> {
    return this.#actions.run("reduce", this.#plan, async (batches, { group }) => {
      let sum: readonly Row[] = [];
      for await (const batch of batches as AsyncIterable<readonly Row[]>) {
        for (const row of batch) sum = sum.length === 0 ? [row] : [combine(sum[0]!, row)];
      }
      const both = (left: readonly Row[], right: readonly Row[]) =>
        left.length === 0 || right.length === 0 ? [...left, ...right] : [combine(left[0]!, right[0]!)];
      return (await group.allReduce<readonly Row[]>(sum, both))[0];
    });
  }

  /** The first rows, in the order of workers. */
  take(count: number): Promise<Row[]> {
    return this.#actions.run("take", this.#plan, (batches, { group }) =>
      takeFirst<Row>(batches, group, count),
    );
  }

  /** The rows with the largest keys, largest first. */
  top(count: number, by: (row: Row) => Key): Promise<Row[]> {
    return this.#actions.run("top", this.#plan, (batches, { group }) =>
      takeTop<Row>(batches, group, count, by),
    );
  }

  /** All rows, on every worker. For what is small: use `saveAs…` for the rest. */
  async collect(): Promise<Row[]> {
    return await this.take(Number.POSITIVE_INFINITY);
  }

  /** Writes a line a row to the job's output, in the order of workers. */
  saveAsText(line: (row: Row) => string = String): Promise<void> {
    return this.#actions.save("saveAsText", this.#plan, line as never);
  }

  saveAsJsonl(): Promise<void> {
    return this.#actions.save("saveAsJsonl", this.#plan, JSON.stringify);
  }

  /** Rows are objects of the same properties; the first line has their names. */
  saveAsCsv(columns: readonly (keyof Row & string)[], { delimiter = "," } = {}): Promise<void> {
    const line = (row: unknown) =>
      csvLine(
        columns.map((name) => (row as Row)[name]),
        delimiter,
      );
    return this.#actions.save("saveAsCsv", this.#plan, line, csvLine(columns, delimiter));
  }
}

const add = (left: unknown, right: unknown) => (left as number) + (right as number);

const joinPlan = (
  left: Plan,
  right: Plan,
  outer: boolean,
  { strategy = "auto" }: JoinOptions = {},
): Plan => ({
  kind: "join",
  label: `${outer ? "leftJoin" : "join"}${strategy === "auto" ? "" : ` (${strategy})`}`,
  left,
  right,
  outer,
  strategy,
});
