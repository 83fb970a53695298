// Groups points around k centres: k-means by Lloyd's rounds, from centres chosen as k-means++ does. The points stay
// with the workers that read them; in each round the workers add up, per centre, a few numbers.

import { defineJob, FnmeshError, type Worker } from "fnmesh";
import * as v from "valibot";
import { assign, type Centres, centresOf, sizesOf } from "./clusters.ts";
import { firstCentres, randomNumbers } from "./first-centres.ts";
import { columnsOf, countOf, type Points, pointsOf } from "./points.ts";

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.string(), v.digits(), v.transform(Number), v.minValue(least), v.maxValue(most));

const params = v.strictObject({
  k: v.optional(wholeNumber(1, 10_000), "8"),
  /** The columns that a point's coordinates are in, by their names in the input's first line. */
  columns: v.pipe(
    v.string(),
    v.transform((names) => names.split(",")),
  ),
  seed: v.optional(wholeNumber(0, 2 ** 32 - 1), "1"),
  rounds: v.optional(wholeNumber(1, 1_000_000), "300"),
});

type KMeansWorker = Worker<v.InferOutput<typeof params>>;

interface Table {
  readonly header: string;
  /** This worker's, without the header. */
  readonly lines: readonly string[];
  readonly points: Points;
}

export default defineJob({
  name: "k-means",
  params,
  async run(worker) {
    const { k, columns, seed } = worker.params;
    const table = await worker.stage("read", () => readTable(worker));
    const first = await worker.stage("choose", () =>
      firstCentres(worker, table.points, k, randomNumbers(seed)),
    );
    const nearest = new Int32Array(countOf(table.points)).fill(-1);
    const found = await worker.stage("iterate", () => iterate(worker, table.points, first, nearest));
    await worker.stage("write", () => write(worker, table, nearest));

    const { centres, sizes, ...rest } = found;
    const clusters = sizes.map((points, cluster) => ({
      points,
      centre: Object.fromEntries(
        columns.map((name, index) => [name, centres[cluster * columns.length + index]]),
      ),
    }));
    return { ...rest, clusters };
  },
});

async function readTable(worker: KMeansWorker): Promise<Table> {
  const texts = await Promise.all(worker.input.map((split) => split.read()));
  const all = texts
    .flatMap((text) => Buffer.from(text).toString("utf8").split(/\r?\n/))
    .filter((line) => line !== "");
  // The first line of all names the columns; whoever does not have it needs it too.
  const header = (await worker.allGather(all[0])).find((line) => line !== undefined);
  if (header === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", "there are no points", {
      hint: "Give CSV files: --input points.csv",
    });
  }
  // Each further file has it again.
  const lines = all.filter((line) => line !== header);
  return { header, lines, points: pointsOf(lines, columnsOf(header, worker.params.columns)) };
}

/** Rounds until no point changes its centre. `nearest` gets the numbers of the points' centres. */
async function iterate(worker: KMeansWorker, points: Points, first: Centres, nearest: Int32Array) {
  const most = worker.params.rounds;
  let centres = first;
  for (let round = 1; ; round++) {
    const mine = assign(points, centres, nearest);
    const [totals, inertia, changed] = await Promise.all([
      worker.allReduce(mine.totals, "sum"),
      worker.allReduce(mine.inertia, "sum"),
      worker.allReduce(mine.changed, "sum"),
    ]);
    worker.progress(round, most);
    if (changed === 0 || round === most) {
      return {
        rounds: round,
        converged: changed === 0,
        inertia,
        centres,
        sizes: sizesOf(totals, points.dimensions),
      };
    }
    centres = centresOf(totals, centres, points.dimensions);
  }
}

/** The input's lines with one field more: the number of the point's cluster. */
async function write({ rank, output }: KMeansWorker, { header, lines }: Table, nearest: Int32Array) {
  if (rank === 0) await output.write(`${header},cluster\n`);
  await output.write(lines.map((line, point) => `${line},${nearest[point]}\n`).join(""));
}
