import { expect, test } from "vitest";
import { RoundTrip } from "./round-trip.ts";

function after(...samples: number[]): number | undefined {
  const roundTrip = new RoundTrip();
  for (const sample of samples) roundTrip.sample(sample);
  return roundTrip.ms;
}

test("without a sample there is no estimate", () => {
  expect(after()).toBeUndefined();
});

test("a worker that was too busy to answer does not look far away", () => {
  expect(after(900, 10, 30_000, 12)).toBe(10);
});

test("a path that has become slower is believed after a while", () => {
  expect(after(10, ...Array<number>(8).fill(45))).toBe(45);
});
