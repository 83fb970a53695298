import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assign, centresOf, sizesOf, weightsOf } from "./clusters.ts";
import { columnsOf, fieldsOf, type Points, pointsOf } from "./points.ts";

const points = (values: readonly (readonly number[])[]): Points => ({
  dimensions: 2,
  values: Float64Array.from(values.flat()),
});
/** Whole numbers add up without rounding, in any order. */
const point = fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 }));

describe("lines", () => {
  it.each([
    ["1,2.5,x", ["1", "2.5", "x"]],
    [",,", ["", "", ""]],
    ["", [""]],
    ['a,"b, with a ""comma""",c', ["a", 'b, with a "comma"', "c"]],
  ])("%s has its fields", (line, fields) => {
    expect(fieldsOf(line)).toEqual(fields);
  });

  it("give the columns that are asked for, in that order", () => {
    const columns = columnsOf("name,x,y", ["y", "x"]);
    expect(pointsOf(["a,1,2", "b,-3,4e2"], columns)).toEqual(
      points([
        [2, 1],
        [400, -3],
      ]),
    );
  });

  it("without the column, or without a number in it, are refused", () => {
    expect(() => columnsOf("name,x", ["z"])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    for (const line of ["a,", "a", "a,b", "a,NaN"])
      expect(() => pointsOf([line], [1])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("a round", () => {
  it("adds up to the same, however the points are shared out", () => {
    const some = fc.array(point, { maxLength: 30 });
    fc.assert(
      fc.property(some, some, fc.array(point, { minLength: 1, maxLength: 5 }), (one, other, centres) => {
        const sumsOf = (values: readonly (readonly number[])[]) =>
          assign(points(values), Float64Array.from(centres.flat()), new Int32Array(values.length).fill(-1));
        const [left, right, whole] = [sumsOf(one), sumsOf(other), sumsOf([...one, ...other])];
        expect(left.totals.map((total, index) => total + right.totals[index]!)).toEqual(whole.totals);
        expect(left.inertia + right.inertia).toBe(whole.inertia);
        expect(left.changed + right.changed).toBe(one.length + other.length);
      }),
    );
  });

  it("takes the first of equally near centres, counts changes, and moves centres to their points' mean", () => {
    const nearest = Int32Array.of(-1, 1, 1);
    const centres = Float64Array.of(0, 0, 4, 0, 50, 50);
    const sums = assign(
      points([
        [2, 0],
        [5, 1],
        [3, 3],
      ]),
      centres,
      nearest,
    );
    expect(nearest).toEqual(Int32Array.of(0, 1, 1));
    expect(sums).toMatchObject({ changed: 1, inertia: 4 + 2 + 10 });
    expect(sizesOf(sums.totals, 2)).toEqual([1, 2, 0]);
    expect(centresOf(sums.totals, centres, 2)).toEqual(Float64Array.of(2, 0, 4, 2, 50, 50));
  });

  it("gives a point next to no centre the weight of its distance", () => {
    const some = points([
      [0, 0],
      [3, 4],
      [10, 0],
    ]);
    expect(weightsOf(some, new Float64Array(0))).toEqual(Float64Array.of(1, 1, 1));
    expect(weightsOf(some, Float64Array.of(0, 0, 10, 1))).toEqual(Float64Array.of(0, 25, 1));
  });
});
