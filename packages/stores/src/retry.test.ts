import { FnmeshError } from "@fnmesh/core";
import { noUsage } from "@fnmesh/core/internal";
import { createVirtualClock, seededRandom } from "@fnmesh/core/testing";
import { describe, expect, test } from "vitest";
import { PassingFailure, retried } from "./retry.ts";

const final = new FnmeshError("STORE_UNAVAILABLE", "never");

function setUp(signal = new AbortController().signal) {
  const clock = createVirtualClock({ auto: true });
  const usage = noUsage();
  return { clock, usage, options: { clock, random: seededRandom(1), usage, signal } };
}

describe("what fails in passing", () => {
  test("is sent again until it does not", async () => {
    const { options, usage } = setUp();
    let left = 5;
    const result = await retried(options, async () => {
      if (left-- > 0) throw new PassingFailure("throttled", final);
      return "there";
    });
    expect([result, usage.retries]).toEqual(["there", 5]);
  });

  test.each([
    ["broken", 15_000, 25_000],
    ["throttled", 90_000, 110_000],
  ] as const)("%s for good ends with its last word, in its time", async (kind, leastMs, mostMs) => {
    const { options, clock, usage } = setUp();
    const request = retried(options, () => Promise.reject(new PassingFailure(kind, final)));
    await expect(request).rejects.toBe(final);
    expect(clock.now()).toBeGreaterThanOrEqual(leastMs);
    expect(clock.now()).toBeLessThan(mostMs);
    // Neither a storm of its own nor a long sleep.
    expect(usage.retries).toBeGreaterThan(8);
    expect(usage.retries).toBeLessThan(100);
  });

  test("waits at random: two that failed together do not come back together", async () => {
    const moments = await Promise.all(
      [1, 2].map(async (seed) => {
        const clock = createVirtualClock({ auto: true });
        const random = seededRandom(seed);
        const times: number[] = [];
        const options = { clock, random, usage: noUsage(), signal: new AbortController().signal };
        await retried(options, async () => {
          times.push(clock.now());
          if (times.length < 6) throw new PassingFailure("throttled", final);
        });
        return times;
      }),
    );
    expect(moments[0]!.slice(1)).not.toEqual(moments[1]!.slice(1));
  });

  test("is given up sooner where that is asked for", async () => {
    const { options, clock } = setUp();
    const broken = () => Promise.reject(new PassingFailure("broken", final));
    await expect(retried({ ...options, giveUpMs: 1_000 }, broken)).rejects.toBe(final);
    expect(clock.now()).toBeLessThan(4_000);
  });
});

test("what is final is not repeated", async () => {
  const { options, usage } = setUp();
  const lost = new FnmeshError("STORE_LOST", "gone");
  await expect(retried(options, () => Promise.reject(lost))).rejects.toBe(lost);
  expect(usage.retries).toBe(0);
});

test("a wait ends with the signal, and leaves no timer", async () => {
  const ending = new AbortController();
  const clock = createVirtualClock();
  const options = { clock, random: seededRandom(1), usage: noUsage(), signal: ending.signal };
  const request = retried(options, () => Promise.reject(new PassingFailure("broken", final)));
  const reason = new Error("enough");
  setImmediate(() => ending.abort(reason));
  await expect(request).rejects.toBe(reason);
  expect(clock.pendingTimers()).toEqual([]);
});
