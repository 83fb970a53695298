import fc from "fast-check";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import { assign, centresOf, sizesOf, weightsOf } from "./clusters.ts";
import job from "./job.ts";
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

describe("the job", () => {
  const file = "name,x,y\r\na,0,0\r\nb,0,2\r\nc,9,9\r\nd,9,7\r\n";

  it("says the same wherever the lines are, each file with its own header", async () => {
    for (const inputByRank of [
      [[file]],
      [["name,x,y\na,0,0\n"], [], ["b,0,2\nc,9,9"], ["name,x,y\nd,9,7"]],
    ]) {
      const { result, output } = await runJob(job, { inputByRank, params: { k: "2", columns: "x,y" } });
      const clusters = result.clusters.toSorted((one, other) => one.centre.x! - other.centre.x!);
      expect(clusters).toEqual([
        { points: 2, centre: { x: 0, y: 1 } },
        { points: 2, centre: { x: 9, y: 8 } },
      ]);
      expect(result).toMatchObject({ converged: true, inertia: 4 });
      expect(output).toMatch(/^name,x,y,cluster\na,0,0,(\d)\nb,0,2,\1\nc,9,9,(\d)\nd,9,7,\2\n$/);
    }
  });

  it("makes no more centres than there are different points", async () => {
    const { result } = await runJob(job, {
      workers: 3,
      input: ["x\n5\n5\n5\n7\n"],
      params: { k: "4", columns: "x" },
    });
    expect(result.clusters.map(({ points, centre }) => [centre.x, points]).sort()).toEqual([
      [5, 3],
      [7, 1],
    ]);
  });

  it("refuses to go without points, columns or numbers", async () => {
    for (const input of [[], ["y\n1\n"], ["x\none\n"]]) {
      const run = runJob(job, { workers: 2, input, params: { columns: "x" } });
      await expect(run).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });
});
