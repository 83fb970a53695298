// A job: rows that together take many times a worker's memory, sorted, grouped and added up. Each check looks at every
// row that came out.

import { type Dataset, type Datasets, datasets, defineJob } from "fnmesh";

export interface LargeSums {
  readonly rows: number;
  /** Of what each row says, whatever their order. */
  readonly checksum: number;
  /** Rows that came before one that they should come after. */
  readonly misplaced: number;
}

/** A key that looks random, a different one for each number below 2^32. */
const scattered = (number: number): number => Math.imul(number ^ (number >>> 15), 0x9e3779b1) >>> 0;

type Large = readonly [key: number, text: string];

const largeRows = (data: Datasets, rows: number, bytes: number): Dataset<Large> =>
  data.range(rows).map((number): Large => {
    const key = scattered(number);
    return [key, `${key};`.padEnd(bytes, "fnmesh ")];
  });

const summed = async (parts: Dataset<LargeSums>): Promise<LargeSums> =>
  (await parts.reduce((left, right) => ({
    rows: left.rows + right.rows,
    checksum: (left.checksum + right.checksum) % 2 ** 32,
    misplaced: left.misplaced + right.misplaced,
  }))) ?? { rows: 0, checksum: 0, misplaced: 0 };

/** Each worker's part in one row. */
async function* sumsOf(rows: AsyncIterable<Large>): AsyncGenerator<LargeSums> {
  let [count, checksum, misplaced, last] = [0, 0, 0, -1];
  for await (const [key, text] of rows) {
    count += 1;
    checksum = (checksum + Number.parseInt(text, 10)) % 2 ** 32;
    if (key < last) misplaced += 1;
    last = key;
  }
  yield { rows: count, checksum, misplaced };
}

interface Size {
  readonly rows: number;
  /** Of one row's text. */
  readonly bytes: number;
  /** Where rows are grouped: how many groups they make. */
  readonly groups: number;
}

type Work = (data: Datasets, size: Size) => Dataset<LargeSums>;

const works: Readonly<Record<string, Work>> = {
  sort: (data, { rows, bytes }) =>
    largeRows(data, rows, bytes)
      .sortBy(([key]) => key)
      .mapPartitions(sumsOf),
  /** Many rows in each group, which has to fit into memory. */
  group: (data, { rows, bytes, groups: count }) =>
    largeRows(data, rows, bytes)
      .map(([key, text]): [number, Large] => [key % count, [key, text]])
      .groupByKey()
      .mapPartitions(async function* (groups) {
        for await (const [key, values] of groups) {
          const astray = values.filter(([own]) => own % count !== key).length;
          const checksum = values.reduce((sum, [, text]) => (sum + Number.parseInt(text, 10)) % 2 ** 32, 0);
          yield { rows: values.length, checksum, misplaced: astray };
        }
      }),
  /** Two rows in each group. */
  groupMany: (data, { rows, bytes }) =>
    largeRows(data, rows, bytes)
      .map(([key, text]): [string, Large] => [`key ${key >>> 1}`, [key, text]])
      .groupByKey()
      .map(([key, values]) => ({
        rows: values.length,
        checksum: values.reduce((sum, [, text]) => (sum + Number.parseInt(text, 10)) % 2 ** 32, 0),
        misplaced: values.filter(([own]) => key !== `key ${own >>> 1}`).length,
      })),
  /** As many keys as rows. */
  reduce: (data, { rows }) =>
    data
      .range(rows)
      .map((number): [number, number] => [scattered(number), 1])
      .reduceByKey((left, right) => left + right)
      .map(([key, count]) => ({ rows: count, checksum: key, misplaced: count - 1 })),
};

export default defineJob({
  name: "large-rows",
  run: (worker) => {
    const { work = "sort", rows, bytes, groups } = worker.params;
    const size = { rows: Number(rows), bytes: Number(bytes), groups: Number(groups) };
    return summed(works[work]!(datasets(worker), size));
  },
});
