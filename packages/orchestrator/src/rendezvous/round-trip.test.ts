import { expect, test } from "vitest";
import { RoundTrip } from "./round-trip.ts";

test("the first sample is the estimate, later ones move it", () => {
  const roundTrip = new RoundTrip();
  expect(roundTrip.ms).toBeUndefined();
  roundTrip.sample(40);
  expect(roundTrip.ms).toBe(40);
  roundTrip.sample(20);
  expect(roundTrip.ms).toBe(35);
});

test("a worker that was too busy to answer does not look far away", () => {
  const roundTrip = new RoundTrip();
  roundTrip.sample(10);
  roundTrip.sample(30_000);
  expect(roundTrip.ms).toBeLessThan(30);
});

test("a path that really became slower is believed bit by bit", () => {
  const roundTrip = new RoundTrip();
  roundTrip.sample(10);
  for (let sample = 0; sample < 50; sample++) roundTrip.sample(45);
  expect(roundTrip.ms).toBeCloseTo(45, 1);
});
