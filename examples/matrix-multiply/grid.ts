// Where workers and blocks stand: workers make a grid of rows and columns, and each has one block of every matrix. Pure.

export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** As square as a grid of exactly so many workers can be; a prime number of them stands in one row. */
export function gridOf(workers: number): Grid {
  let rows = Math.floor(Math.sqrt(workers));
  while (workers % rows !== 0) rows -= 1;
  return { rows, columns: workers / rows };
}

/** From `first` up to, and without, `end`. */
export interface Range {
  readonly first: number;
  readonly end: number;
}

export const lengthOf = ({ first, end }: Range): number => end - first;

/** Part `index` of `count` equal parts, to a row, of `total` rows. */
export const partOf = (total: number, count: number, index: number): Range => ({
  first: Math.floor((total * index) / count),
  end: Math.floor((total * (index + 1)) / count),
});

/** The part of a matrix that a block is. */
export interface BlockPlace {
  readonly rows: Range;
  readonly columns: Range;
}

/** Which part of a matrix of `n` rows and columns the worker in this row and column of the grid has. */
export const blockPlace = (n: number, grid: Grid, row: number, column: number): BlockPlace => ({
  rows: partOf(n, grid.rows, row),
  columns: partOf(n, grid.columns, column),
});

/** A stretch of A's columns and B's rows, and who has it. */
export interface Panel extends Range {
  /** The column of the grid that has these columns of A, and the row that has these rows of B. */
  readonly column: number;
  readonly row: number;
}

/** Panels of at most `most` columns, in order, none across the border of a block of A or B. */
export function panelsOf(total: number, { rows, columns }: Grid, most: number): Panel[] {
  const panels: Panel[] = [];
  let [row, column, first] = [0, 0, 0];
  while (first < total) {
    while (partOf(total, columns, column).end <= first) column += 1;
    while (partOf(total, rows, row).end <= first) row += 1;
    const end = Math.min(first + most, partOf(total, columns, column).end, partOf(total, rows, row).end);
    panels.push({ first, end, row, column });
    first = end;
  }
  return panels;
}
