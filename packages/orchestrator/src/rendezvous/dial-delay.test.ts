import fc from "fast-check";
import { expect, test } from "vitest";
import { dialDelays } from "./dial-delay.ts";

test.each([
  ["equal paths", 40, 40, [0, 0]],
  ["the first is nearer", 10, 110, [50, 0]],
  ["the second is nearer", 110, 10, [0, 50]],
  ["a path that is much too slow", 0, 10_000, [500, 0]],
  ["no estimate for one side", undefined, 100, [0, 0]],
])("%s", (_, a, b, delays) => {
  expect(dialDelays(a, b)).toEqual(delays);
});

test("both introductions take effect at one moment, unless a path is too slow to be waited for", () => {
  const ms = fc.double({ min: 0, max: 1000, noNaN: true });
  fc.assert(
    fc.property(ms, ms, (a, b) => {
      const [delayA, delayB] = dialDelays(a, b);
      expect(Math.min(delayA, delayB)).toBe(0);
      expect(Math.abs(a / 2 + delayA - (b / 2 + delayB))).toBeLessThanOrEqual(0.051);
    }),
  );
});
