import fc from "fast-check";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import {
  addProduct,
  columnsOf,
  elementOf,
  emptyBlock,
  joinColumns,
  makeBlock,
  makeFactors,
  rowsOf,
  timesVector,
} from "./blocks.ts";
import { blockPlace, type Grid, gridOf, lengthOf, panelsOf, partOf } from "./grid.ts";
import job from "./job.ts";
import { plainProduct } from "./testing/naive.ts";

describe("the grid", () => {
  it.each([
    [1, 1, 1],
    [4, 2, 2],
    [6, 2, 3],
    [7, 1, 7],
    [12, 3, 4],
    [100, 10, 10],
  ])("of %i workers has %i rows and %i columns", (workers, rows, columns) => {
    expect(gridOf(workers)).toEqual({ rows, columns });
  });
});

const grid = fc.record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 5 }) });

describe("panels", () => {
  it("cover all columns of A and rows of B, each in one block of both", () => {
    fc.assert(
      fc.property(fc.nat(60), grid, fc.integer({ min: 1, max: 20 }), (total, grid, most) => {
        let at = 0;
        for (const { first, end, row, column } of panelsOf(total, grid, most)) {
          expect(first).toBe(at);
          expect(end - first).toBeGreaterThan(0);
          expect(end - first).toBeLessThanOrEqual(most);
          for (const part of [partOf(total, grid.rows, row), partOf(total, grid.columns, column)]) {
            expect(first).toBeGreaterThanOrEqual(part.first);
            expect(end).toBeLessThanOrEqual(part.end);
          }
          at = end;
        }
        expect(at).toBe(total);
      }),
    );
  });
});

/** What the workers do, one after another. */
function productInBlocks(n: number, grid: Grid, most: number, seed: number): Float64Array {
  const places = Array.from({ length: grid.rows }, (_, row) =>
    Array.from({ length: grid.columns }, (_, column) => blockPlace(n, grid, row, column)),
  );
  const factors = places.map((row) => row.map((place) => makeFactors(place, seed)));
  const strips = places.map((inRow, row) => {
    const blocks = inRow.map(({ rows, columns }, column) => {
      const c = emptyBlock(rows, columns);
      for (const panel of panelsOf(n, grid, most)) {
        const { a } = factors[row]![panel.column]!;
        const { b } = factors[panel.row]![column]!;
        addProduct(c, columnsOf(a, panel), rowsOf(b, panel), lengthOf(panel));
      }
      return c.values;
    });
    return joinColumns(blocks, n, lengthOf(inRow[0]!.rows));
  });
  return Float64Array.from(strips.flatMap((strip) => [...strip]));
}

describe("the product", () => {
  it("has the bits of the plain one, on any grid", () => {
    fc.assert(
      fc.property(fc.nat(20), grid, fc.integer({ min: 1, max: 9 }), fc.nat(), (n, grid, most, seed) => {
        expect(productInBlocks(n, grid, most, seed)).toEqual(plainProduct(n, seed));
      }),
      { numRuns: 50 },
    );
  });

  it("with a vector takes the rows as they are", () => {
    const block = {
      rows: { first: 3, end: 5 },
      columns: { first: 1, end: 4 },
      values: Float64Array.of(1, 2, 3, 4, 5, 6),
    };
    expect(timesVector(block, Float64Array.of(1, 0, -1))).toEqual(Float64Array.of(-2, -2));
  });
});

describe("elements", () => {
  it("are spread from -1 to 1, and are others for another seed or place", () => {
    const { values } = makeBlock({ first: 0, end: 100 }, { first: 0, end: 100 }, 5);
    expect(new Set(values).size).toBeGreaterThan(9_990);
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0))).toBeLessThan(300);
    expect(values.every((value) => value >= -1 && value < 1)).toBe(true);
    expect(elementOf(5, 1, 2)).not.toBe(elementOf(6, 1, 2));
    expect(elementOf(5, 1, 2)).toBe(values[102]);
  });
});

describe("the job", () => {
  it.each([
    [1, 10],
    [6, 2],
    [6, 0],
    [9, 40],
  ])("multiplies on %i workers matrices of %i rows", async (workers, n) => {
    const { result, outputParts } = await runJob(job, { workers, params: { n: String(n), seed: "4" } });
    expect(Buffer.concat(outputParts).equals(new Uint8Array(plainProduct(n, 4).buffer))).toBe(true);
    expect(result.residual).toBeLessThan(1e-12);
  });
});
