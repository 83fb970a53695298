import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { median, percentile, rounded } from "./statistics.ts";

const some = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

describe("percentile", () => {
  test("is the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
  });

  test("sorts by value and not by text", () => {
    expect(percentile([10, 9, 100], 1)).toBe(100);
    expect(median([10, 9, 100])).toBe(10);
  });

  test("is one of the values, and at least that share does not exceed it", () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, fraction) => {
        const found = percentile(values, fraction);
        expect(values).toContain(found);
        expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(
          fraction * values.length,
        );
      }),
    );
  });

  test("refuses what has no answer", () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => percentile([1], 0)).toThrow(RangeError);
    expect(() => percentile([1], 1.1)).toThrow(RangeError);
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("median", () => {
  test("of an even count lies between the two in the middle", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test("does not change the order of what it was given", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test("leaves out one outlier", () => {
    expect(median([10, 11, 12, 13, 9_000])).toBe(12);
  });
});

test("rounded keeps three digits", () => {
  expect(rounded(0.912_345)).toBe(0.912);
  expect(rounded(1234.5)).toBe(1230);
});
