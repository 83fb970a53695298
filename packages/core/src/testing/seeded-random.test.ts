import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.ts";

const draws = (seed: number | string) => {
  const random = seededRandom(seed);
  return [random.unit(), random.int(0, 1000), ...random.bytes(16)];
};

describe("a seeded random source", () => {
  it("repeats itself for one seed and differs for another", () => {
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  it("stays within the bounds that were asked for, and reaches both ends", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer({ min: 1, max: 2 ** 40 }), (seed, from, width) => {
        const drawn = seededRandom(seed).int(from, from + width);
        expect(Number.isSafeInteger(drawn) && drawn >= from && drawn < from + width).toBe(true);
      }),
    );
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 200 }, () => random.int(0, 6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("refuses an empty range", () => {
    expect(() => seededRandom(1).int(5, 5)).toThrow(RangeError);
  });

  it("spreads bytes evenly enough: no value is twice as common as its share of 64,000", () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of seededRandom(3).bytes(64_000)) counts[byte]! += 1;
    expect(Math.max(...counts)).toBeLessThan(500);
    expect(Math.min(...counts)).toBeGreaterThan(125);
  });

  it("forks do not disturb each other nor their origin", () => {
    const alone = seededRandom(5);
    const busy = seededRandom(5);
    busy.fork("other").bytes(100);
    expect(busy.fork("name").unit()).toBe(alone.fork("name").unit());
    expect(busy.unit()).toBe(alone.unit());
    expect(alone.fork("a").unit()).not.toBe(alone.fork("b").unit());
  });
});
