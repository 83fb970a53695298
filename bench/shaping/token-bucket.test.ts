import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

describe("a bucket", () => {
  test("lets its depth pass at once after a pause, then its rate", () => {
    const bucket = new TokenBucket({ rate: 1000, depth: 10 });
    expect([bucket.take(10, 0), bucket.take(1, 0), bucket.take(4, 0), bucket.take(1, 0)]).toEqual([
      0, 1, 5, 6,
    ]);
    expect(bucket.take(10, 100)).toBe(100);
    expect(bucket.take(1, 100)).toBe(101);
  });

  test("takes nothing for who does not wait, when it is not there", () => {
    const bucket = new TokenBucket({ rate: 10, depth: 2 });
    expect([0, 0, 0, 99, 100, 100].map((now) => bucket.tryTake(1, now))).toEqual([
      true,
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 400 })), {
    minLength: 1,
    maxLength: 100,
  });

  test("never lets more pass in any time than its rate and depth allow, in order", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1000 }), (list, depth) => {
        const bucket = new TokenBucket({ rate: 5000, depth });
        let now = 0;
        const passed = list.map(([pauseMs, units]) => {
          now += pauseMs;
          return { units, at: bucket.take(units, now) };
        });
        for (const [from, first] of passed.entries()) {
          let units = 0;
          for (const each of passed.slice(from)) {
            expect(each.at).toBeGreaterThanOrEqual(first.at);
            units += each.units;
            expect(units).toBeLessThanOrEqual(
              (each.at - first.at) * 5 + Math.max(depth, first.units) + 1e-6 + first.units,
            );
          }
        }
      }),
    );
  });

  test("is never slower than its rate while somebody waits", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const bucket = new TokenBucket({ rate: 5000, depth: 100 });
        const units = list.reduce((sum, [, each]) => sum + each, 0);
        const last = list.map(([, each]) => bucket.take(each, 0)).at(-1)!;
        expect(last).toBeCloseTo(Math.max(0, (units - 100) / 5), 6);
      }),
    );
  });

  test("makes up for who comes late within its depth, so that late timers lose nothing", () => {
    const bucket = new TokenBucket({ rate: 1000, depth: 50 });
    let now = 0;
    for (let taken = 0; taken < 1000; taken += 10) now = bucket.take(10, now) + 3;
    expect(now).toBeLessThan(1000);
  });
});
