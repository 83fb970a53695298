import type { Clock } from "@fnmesh/core/internal";
import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { until } from "./waiting.ts";

/** As Node's: a timer counts whole milliseconds, and so fires up to one early. */
const hasty = (clock: Clock): Clock => ({
  now: () => clock.now(),
  setTimer: (delayMs, callback) => clock.setTimer(Math.floor(delayMs) || delayMs, callback),
});

test("a wait is over at its time and never before, though timers fire early", async () => {
  const virtual = createVirtualClock({ auto: true });
  const clock = hasty(virtual);
  for (const atMs of [0.3, 1.9, 30.7, 31, 1e6 + 0.1]) {
    await until(clock, atMs);
    expect(virtual.now()).toBe(atMs);
  }
  expect(until(clock, 31)).toBeUndefined();
});

test("a wait that was begun anew still ends with its signal, and leaves no timer", async () => {
  const virtual = createVirtualClock();
  const abort = new AbortController();
  const waiting = until(hasty(virtual), 1.9, abort.signal)!;
  waiting.catch(() => {});
  await virtual.advance(1);
  expect(virtual.pendingTimers()).toHaveLength(1);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(virtual.pendingTimers()).toEqual([]);
});
