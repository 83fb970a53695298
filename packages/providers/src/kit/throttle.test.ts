// How fast launches go, and what becomes of those that the platform refuses.

import { FnmeshError } from "@fnmesh/core";
import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, it } from "vitest";
import { createThrottle } from "./throttle.ts";

const never = new AbortController().signal;
const throttled = () => Promise.reject(new FnmeshError("THROTTLED", "too many requests"));

function setUp(rate = { burst: 2, perSecond: 10 }) {
  const clock = createVirtualClock();
  return { clock, ...createThrottle({ rate, clock, random: () => 0.5 }) };
}

it("lets a burst through at once, and then so many a second", async () => {
  const { clock, run } = setUp();
  const begun = clock.now();
  const at: number[] = [];
  const all = Array.from({ length: 5 }, () =>
    run(async () => at.push(Math.round(clock.now() - begun)), never),
  );
  await clock.advance(1_000);
  await Promise.all(all);
  expect(at).toEqual([0, 0, 100, 200, 300]);
});

it("tries again what was refused, and goes slower meanwhile", async () => {
  const { clock, run } = setUp({ burst: 1, perSecond: 10 });
  let calls = 0;
  const done = run(async () => {
    calls += 1;
    return calls < 4 ? throttled() : calls;
  }, never);
  await clock.advance(100_000);
  expect(await done).toBe(4);
  const at: number[] = [];
  const begun = clock.now();
  const slower = Array.from({ length: 3 }, () => run(async () => at.push(clock.now() - begun), never));
  await clock.advance(10_000);
  await Promise.all(slower);
  // Three refusals: an eighth of the rate, and a sixteenth of it back with each success.
  expect(at[1]! - at[0]!).toBeGreaterThan(300);
  expect(at[2]! - at[0]!).toBeGreaterThan(at[1]! - at[0]!);
});

it("every wait for another try is random, within a bound that doubles", async () => {
  const waits = await Promise.all(
    [0, 0.999].map(async (chance) => {
      const clock = createVirtualClock();
      const rate = { burst: 1000, perSecond: 1e6 };
      const { run } = createThrottle({ rate, clock, random: () => chance });
      const at: number[] = [];
      const over = new AbortController();
      const failed = run(() => {
        at.push(clock.now());
        return throttled();
      }, over.signal).catch(() => {});
      for (let step = 0; step < 200 && at.length < 5; step += 1) await clock.advance(100);
      over.abort();
      await failed;
      return at.slice(1, 5).map((each, index) => each - at[index]!);
    }),
  );
  const [least, most] = waits as [number[], number[]];
  expect(Math.max(...least)).toBeLessThan(1);
  for (const [index, ms] of most.entries()) expect(ms).toBeCloseTo(200 * 2 ** (index + 1), -1);
});

it("rejects with what it last heard when nobody waits any more", async () => {
  const { clock, run } = setUp();
  const over = new AbortController();
  const done = run(throttled, over.signal);
  const caught = expect(done).rejects.toMatchObject({ code: "THROTTLED" });
  await clock.advance(50);
  over.abort(new Error("the job has ended"));
  await caught;
});

it("and with the signal's reason when it was not yet its turn", async () => {
  const { run } = setUp({ burst: 1, perSecond: 1 });
  const over = new AbortController();
  await run(async () => 1, over.signal);
  let called = false;
  const done = run(async () => {
    called = true;
  }, over.signal);
  over.abort(new Error("the job has ended"));
  await expect(done).rejects.toThrow("the job has ended");
  expect(called).toBe(false);
});

it("does not try again what failed for another reason", async () => {
  const { run } = setUp();
  let calls = 0;
  const failing = async () => {
    calls += 1;
    throw new FnmeshError("NOT_DEPLOYED", "no such function");
  };
  await expect(run(failing, never)).rejects.toMatchObject({ code: "NOT_DEPLOYED" });
  expect(calls).toBe(1);
});
