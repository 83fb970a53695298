import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("as many run at once as the limit says, the others after them, in order", async () => {
  const pace = new Pace(2, createVirtualClock());
  const ends: (() => void)[] = [];
  const began: number[] = [];
  const runs = [0, 1, 2, 3].map((index) =>
    pace.run(() => {
      began.push(index);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  expect(began).toEqual([0, 1]);
  ends.shift()!();
  await runs[0];
  expect(began).toEqual([0, 1, 2]);
  for (let left = 3; left > 0; left -= 1) {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(runs);
});

test("it halves when asked for less, once a moment, never below one, and creeps up again", async () => {
  const clock = createVirtualClock();
  const pace = new Pace(32, clock);
  for (let answer = 0; answer < 10; answer += 1) pace.slower();
  expect(pace.limit).toBe(16);
  for (let moment = 0; moment < 10; moment += 1) {
    await clock.advance(100);
    pace.slower();
  }
  expect(pace.limit).toBe(1);
  for (let answer = 0; answer < 40; answer += 1) pace.well();
  expect(pace.limit).toBeGreaterThan(5);
  expect(pace.limit).toBeLessThan(12);
  for (let answer = 0; answer < 2_000; answer += 1) pace.well();
  expect(pace.limit).toBe(32);
});

test("one that fails makes room as well", async () => {
  const pace = new Pace(1, createVirtualClock());
  await expect(pace.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await pace.run(async () => 7)).toBe(7);
});
