// Blocks of matrices, row after row, and what is done with them. Pure.

import { type BlockPlace, lengthOf, partOf, type Range } from "./grid.ts";

export interface Block extends BlockPlace {
  readonly values: Float64Array;
}

export const emptyBlock = (rows: Range, columns: Range): Block => ({
  rows,
  columns,
  values: new Float64Array(lengthOf(rows) * lengthOf(columns)),
});

/** The elements of a matrix follow from the seed, so that every worker can make its own block. */
export function makeBlock(rows: Range, columns: Range, seed: number): Block {
  const block = emptyBlock(rows, columns);
  let at = 0;
  for (let row = rows.first; row < rows.end; row++) {
    for (let column = columns.first; column < columns.end; column++) {
      block.values[at++] = elementOf(seed, row, column);
    }
  }
  return block;
}

/** The blocks of A and B at a place, for a seed. */
export const makeFactors = ({ rows, columns }: BlockPlace, seed: number): { a: Block; b: Block } => ({
  a: makeBlock(rows, columns, seed),
  b: makeBlock(rows, columns, seed + 1),
});

/** From -1 to 1: a hash of the place (the finalizer of MurmurHash3). */
export function elementOf(seed: number, row: number, column: number): number {
  let mixed = Math.imul(seed, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b) ^ Math.imul(column, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) / 2 ** 31;
}

/** Some of a block's columns, in memory of their own. */
export function columnsOf({ rows, columns, values }: Block, part: Range): Float64Array {
  const [width, taken] = [lengthOf(columns), lengthOf(part)];
  const from = part.first - columns.first;
  const out = new Float64Array(lengthOf(rows) * taken);
  for (let row = 0; row < lengthOf(rows); row++) {
    out.set(values.subarray(row * width + from, row * width + from + taken), row * taken);
  }
  return out;
}

/** Some of a block's rows, in the block's memory. */
export function rowsOf({ rows, columns, values }: Block, part: Range): Float64Array {
  const width = lengthOf(columns);
  return values.subarray((part.first - rows.first) * width, (part.end - rows.first) * width);
}

/**
 * Adds the product of `a` (as many rows as `c`, `inner` columns) and `b` (`inner` rows, as many columns as `c`) to `c`.
 * Each element takes its products in the order of the inner index, as the plain product does: the same bits come out.
 */
export function addProduct(
  { rows, columns, values: c }: Block,
  a: Float64Array,
  b: Float64Array,
  inner: number,
) {
  const width = lengthOf(columns);
  for (let row = 0; row < lengthOf(rows); row++) {
    for (let index = 0; index < inner; index++) {
      const factor = a[row * inner + index]!;
      const [to, from] = [row * width, index * width];
      for (let column = 0; column < width; column++) c[to + column]! += factor * b[from + column]!;
    }
  }
}

/** A block times the part of a vector that its columns meet. */
export function timesVector({ rows, columns, values }: Block, vector: Float64Array): Float64Array {
  const width = lengthOf(columns);
  return Float64Array.from({ length: lengthOf(rows) }, (_, row) => {
    let sum = 0;
    for (let column = 0; column < width; column++) sum += values[row * width + column]! * vector[column]!;
    return sum;
  });
}

/** The blocks of one row of the grid, from left to right, as so many whole rows of a matrix of `n` columns. */
export function joinColumns(blocks: readonly Float64Array[], n: number, rows: number): Float64Array {
  const joined = new Float64Array(rows * n);
  for (const [index, block] of blocks.entries()) {
    const { first, end } = partOf(n, blocks.length, index);
    const width = end - first;
    for (let row = 0; row < rows; row++)
      joined.set(block.subarray(row * width, (row + 1) * width), row * n + first);
  }
  return joined;
}
