// Rows to bytes and back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ColumnType, columnType } from "./column-types.ts";
import { decodeRows } from "./decode-rows.ts";
import { encodeRows } from "./encode-rows.ts";

const again = (rows: readonly unknown[]): unknown[] => decodeRows(encodeRows(rows));
const typeOf = (rows: readonly unknown[]): ColumnType | undefined =>
  (Object.keys(columnType) as ColumnType[]).find((type) => columnType[type] === encodeRows(rows)[0]);

const anyValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: fc.constantFrom("a", "\ud800", "\udc00") }),
      fc.boolean(),
      fc.date(),
      fc.constantFrom(null, undefined, 7n),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.record({ a: tie("value"), b: tie("value") }, { requiredKeys: ["a"], noNullPrototype: true }),
  ),
})).value;

it("any rows are the same again", () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 8 }), (rows) => void expect(again(rows)).toStrictEqual(rows)),
  );
});

it("rows that are alike are a column of their type", () => {
  const columns: readonly (readonly [ColumnType, readonly unknown[]])[] = [
    ["int", [1, -2]],
    ["float", [1, 0.5]],
    ["float", [-0]],
    ["bool", [true, false]],
    ["text", ["a", "🐋"]],
    ["date", [new Date(0), new Date(Number.NaN)]],
    [
      "list",
      [
        ["a", 1],
        ["b", 2],
      ],
    ],
    ["object", [{ a: 1 }, { a: 2 }]],
    ["sparse", [1, null, undefined]],
    ["clone", [1, "a"]],
    ["clone", ["\ud800"]],
  ];
  for (const [type, rows] of columns) {
    expect(typeOf(rows)).toBe(type);
    expect(again(rows)).toStrictEqual(rows);
  }
});

describe("lists of several lengths", () => {
  const lists: readonly (readonly [name: string, rows: readonly (readonly unknown[])[]])[] = [
    ["of numbers", [[1, 2, 3], [], [4]]],
    ["of texts, also empty ones", [["a", ""], ["ü"], []]],
    [
      "of records",
      [
        [
          ["a", 1],
          ["b", 2],
        ],
        [["c", 3]],
      ],
    ],
    ["of lists of several lengths", [[[1], [2, 3]], [[]], []]],
    ["of lists and what is missing", [[[1], null], [undefined]]],
    ["of values that are not alike", [[1, "a", { b: 2 }], [true]]],
    ["that are too wide for records", [Array(300).fill(1), Array(300).fill(2)]],
  ];

  it.each(lists)("%s are one column of lengths and one of values", (_, rows) => {
    expect(typeOf(rows)).toBe("lists");
    expect(again(rows)).toStrictEqual(rows);
  });

  it("cost a byte each beside their values, as long as they are short", () => {
    const values = Array.from({ length: 1000 }, (_, index) => index);
    const short = Array.from({ length: 400 }, (_, index) => values.slice(0, index % 6));
    const count = short.flat().length;
    const heads = 2 * 6;
    expect(encodeRows(short).length).toBe(heads + short.length + count);
  });

  it("keep their holes, which are no values", () => {
    // biome-ignore lint/suspicious/noSparseArray: it is what this test is about.
    const holed = [[1, , 3], [4]];
    expect(typeOf(holed)).toBe("clone");
    const [first] = again(holed) as unknown[][];
    expect([first!.length, 1 in first!]).toEqual([3, false]);
  });

  it("that end too early are an error", () => {
    const bytes = encodeRows([[1, 2], [3]]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeRows(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "PROTOCOL" }),
      );
    }
  });
});
