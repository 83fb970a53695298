// Rows in bytes: by columns, where rows are alike, and not as one object after the other. A block is one column; a
// column of lists or of objects is made of columns:
//
//   column:  type u8 | count u32 | …
//     int      integers (integers.ts) float   count x f64           bool    count x u8
//     text     ascii u8 | bytes u32 | lengths (integers, in UTF-16 units) | the text, UTF-8
//     date     count x f64
//     list     width u16 | a column for each place       object   width u16 | names (a clone) | a column for each name
//     lists    lengths (integers) | a column of all their values, list after list
//     sparse   count x u8 (0: null, 1: undefined, 2: there) | a column of those that are there
//     clone    bytes u32 | the engine's structured clone of an array
//
// Numbers are little-endian and unaligned.

export const columnType = {
  int: 1,
  float: 2,
  bool: 3,
  text: 4,
  date: 5,
  list: 6,
  object: 7,
  sparse: 8,
  clone: 9,
  lists: 10,
} as const;

export type ColumnType = keyof typeof columnType;

/** What comes first in a column: its type, and how many values it has. */
export const headBytes = 5;

export const presence = { null: 0, undefined: 1, there: 2 } as const;
