import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evenCuts, type Place, piecesOf, startsOf } from "./cuts.ts";

const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(1_000)), { maxLength: 12 });
const workers = fc.integer({ min: 1, max: 40 });

describe("even cuts", () => {
  it("give every worker the same share, to a byte", () => {
    fc.assert(
      fc.property(sizes, workers, (sizes, workers) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        for (const mine of piecesOf(sizes, evenCuts(sizes, workers), workers)) {
          const bytes = mine.reduce((sum, piece) => sum + piece.bytes, 0);
          expect(Math.abs(bytes - total / workers)).toBeLessThan(1.001);
        }
      }),
    );
  });

  it("stay exact for terabytes", () => {
    const huge = [5e12, 1, 3e12];
    const pieces = piecesOf(huge, evenCuts(huge, 1_000), 1_000).flat();
    expect(pieces.reduce((sum, piece) => sum + piece.bytes, 0)).toBe(8e12 + 1);
  });
});

/** Any ascending places, as the search for line borders may leave them; equal ones too. */
const placesIn = (sizes: readonly number[], workers: number, seed: readonly number[]): Place[] => {
  const starts = startsOf(sizes);
  const cuts = evenCuts(sizes, workers);
  return cuts
    .map((_, index) => (seed[index % seed.length] ?? 0) % (starts.at(-1)! + 1))
    .sort((one, other) => one - other)
    .map((at) => {
      const file = Math.max(
        0,
        sizes.findLastIndex((size, index) => size > 0 && starts[index]! <= at),
      );
      return { file, offset: at - starts[file]! };
    });
};

describe("pieces", () => {
  it("cover every file once, in order, whatever the cuts", () => {
    fc.assert(
      fc.property(
        sizes,
        workers,
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        (sizes, workers, seed) => {
          const pieces = piecesOf(sizes, placesIn(sizes, workers, seed), workers);
          expect(pieces.length).toBe(workers);
          const flat = pieces.flat();
          for (const [file, size] of sizes.entries()) {
            const mine = flat.filter((piece) => piece.file === file);
            expect(mine.length).toBeGreaterThan(0);
            let at = 0;
            for (const piece of mine) {
              expect(piece.offset).toBe(at);
              if (size > 0) expect(piece.bytes).toBeGreaterThan(0);
              at += piece.bytes;
            }
            expect(at).toBe(size);
          }
          expect(flat.map((piece) => piece.file)).toEqual(
            flat.map((piece) => piece.file).sort((a, b) => a - b),
          );
        },
      ),
    );
  });

  it("of no files are none", () => {
    expect(piecesOf([], evenCuts([], 3), 3)).toEqual([[], [], []]);
  });

  it("of empty files only go to the first worker", () => {
    expect(piecesOf([0, 0], evenCuts([0, 0], 2), 2)).toEqual([
      [
        { file: 0, offset: 0, bytes: 0 },
        { file: 1, offset: 0, bytes: 0 },
      ],
      [],
    ]);
  });
});
