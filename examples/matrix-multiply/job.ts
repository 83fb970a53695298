// Multiplies two square matrices of doubles that no worker could hold alone: SUMMA (van de Geijn and Watts, 1997). The
// workers stand in a grid and have a block of each matrix. Panel by panel, whoever has the columns of A tells those in
// its row, whoever has the rows of B those in its column, and everyone adds the product to its block.

import { defineJob, type Group, type Worker } from "fnmesh";
import * as v from "valibot";
import {
  addProduct,
  type Block,
  columnsOf,
  emptyBlock,
  joinColumns,
  makeBlock,
  makeFactors,
  rowsOf,
  timesVector,
} from "./blocks.ts";
import { blockPlace, type Grid, gridOf, lengthOf, type Panel, panelsOf } from "./grid.ts";

const wholeNumber = (most: number) => v.pipe(v.string(), v.digits(), v.transform(Number), v.maxValue(most));

const params = v.strictObject({
  /** Rows and columns of each matrix. */
  n: v.optional(wholeNumber(100_000), "512"),
  seed: v.optional(wholeNumber(2 ** 32 - 1), "1"),
});

type MultiplyWorker = Worker<v.InferOutput<typeof params>>;

/** Wide enough that a message is worth its way, narrow enough that two panels of each kind are small beside the blocks. */
const mostPanelColumns = 128;

/** A worker's place, and those in its row and in its column. */
interface Place {
  readonly grid: Grid;
  readonly row: Group;
  readonly column: Group;
}

interface Blocks {
  readonly a: Block;
  readonly b: Block;
}

export default defineJob({
  name: "matrix-multiply",
  params,
  async run(worker) {
    const { n, seed } = worker.params;
    const place = await worker.stage("arrange", () => arrange(worker));
    const { grid, row, column } = place;
    // Ranks within a row count its columns, and within a column its rows.
    const own = blockPlace(n, grid, column.rank, row.rank);
    const blocks = makeFactors(own, seed);
    const c = emptyBlock(own.rows, own.columns);
    await worker.stage("multiply", () => multiply(worker, place, blocks, c));
    const residual = await worker.stage("check", () => residualOf(worker, place, blocks, c));
    await worker.stage("write", () => write(worker, place, c));
    return { n, grid: `${grid.rows} x ${grid.columns}`, residual };
  },
});

async function arrange(worker: MultiplyWorker): Promise<Place> {
  const grid = gridOf(worker.size);
  const row = await worker.split(Math.floor(worker.rank / grid.columns));
  const column = await worker.split(worker.rank % grid.columns);
  return { grid, row, column };
}

/** The next panels are on their way while these are multiplied. */
async function multiply(worker: MultiplyWorker, place: Place, blocks: Blocks, c: Block) {
  const panels = panelsOf(worker.params.n, place.grid, mostPanelColumns);
  let coming = panels[0] && fetchPanel(place, blocks, panels[0]);
  for (const [index, panel] of panels.entries()) {
    const [a, b] = await coming!;
    const next = panels[index + 1];
    coming = next && fetchPanel(place, blocks, next);
    addProduct(c, a, b, lengthOf(panel));
    worker.progress(index + 1, panels.length);
  }
}

/** This worker's rows of A's panel, and its columns of B's. */
function fetchPanel(
  { row, column }: Place,
  { a, b }: Blocks,
  panel: Panel,
): Promise<[Float64Array, Float64Array]> {
  return Promise.all([
    row.broadcast(row.rank === panel.column ? columnsOf(a, panel) : undefined, { root: panel.column }),
    column.broadcast(column.rank === panel.row ? rowsOf(b, panel) : undefined, { root: panel.row }),
  ]);
}

/**
 * How far C x is from A (B x), for a vector x that nobody could foresee (Freivalds, 1977): a wrong element of C shows,
 * and it costs three products with a vector instead of one with a matrix.
 */
async function residualOf(worker: MultiplyWorker, { row, column }: Place, { a, b }: Blocks, c: Block) {
  const { n, seed } = worker.params;
  const x = makeBlock({ first: 0, end: n }, { first: 0, end: 1 }, seed + 2).values;
  const mine = x.subarray(c.columns.first, c.columns.end);
  const [bx, cx] = await Promise.all([
    row.allReduce(timesVector(b, mine), "sum"),
    row.allReduce(timesVector(c, mine), "sum"),
  ]);
  const wholeBx = (await column.allGather(bx)).flatMap((part) => [...part]);
  const part = Float64Array.from(wholeBx.slice(a.columns.first, a.columns.end));
  const abx = await row.allReduce(timesVector(a, part), "sum");
  const off = cx.map((value, index) => Math.abs(value - abx[index]!));
  return await worker.allReduce(Math.max(0, ...off), "max");
}

/** Whole rows, as the bytes of doubles: the first of each row of the grid has them. */
async function write({ output, params: { n } }: MultiplyWorker, { row }: Place, c: Block) {
  const blocks = await row.gather(c.values);
  if (blocks === undefined) return;
  const { buffer, byteLength } = joinColumns(blocks, n, lengthOf(c.rows));
  await output.write(new Uint8Array(buffer, 0, byteLength));
}
