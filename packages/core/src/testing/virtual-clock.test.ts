import { describe, expect, it } from "vitest";
import { createVirtualClock } from "./virtual-clock.ts";

describe("a virtual clock", () => {
  it("fires timers by due time, and those of one moment in the order in which they were set", async () => {
    const clock = createVirtualClock();
    const fired: string[] = [];
    for (const [name, delayMs] of [
      ["c", 30],
      ["a", 10],
      ["b1", 20],
      ["b2", 20],
    ] as const) {
      clock.setTimer(delayMs, () => fired.push(`${name}@${clock.now()}`));
    }
    await clock.advance(20);
    expect(fired).toEqual(["a@10", "b1@20", "b2@20"]);
    await clock.advance(9);
    expect(fired).toHaveLength(3);
    await clock.advance(1);
    expect(fired.at(-1)).toBe("c@30");
  });

  it("lets promises and immediates settle between two moments", async () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    clock.setTimer(1, () => {
      void (async () => {
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`after a tick, ${clock.now()}`);
      })();
    });
    clock.setTimer(2, () => seen.push(`next timer, ${clock.now()}`));
    await clock.runUntilIdle();
    expect(seen).toEqual(["after a tick, 1", "next timer, 2"]);
  });

  it("fires a timer that a timer sets, within the same advance", async () => {
    const clock = createVirtualClock();
    const fired: number[] = [];
    const again = () => {
      fired.push(clock.now());
      clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
    expect(clock.now()).toBe(35);
  });

  it("does not fire what was cancelled, also when a timer of the same moment cancels it", async () => {
    const clock = createVirtualClock();
    let fired = 0;
    const late = () => {
      fired += 1;
    };
    clock.setTimer(5, () => victim.cancel());
    const victim = clock.setTimer(5, late);
    clock.setTimer(6, late).cancel();
    await clock.runUntilIdle();
    expect(fired).toBe(0);
    expect(clock.pendingTimers()).toEqual([]);
  });

  it("run() lets time pass until the promise settles, and no further", async () => {
    const clock = createVirtualClock();
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve));
    clock.setTimer(10_000, () => undefined);
    await clock.run(sleep(100).then(() => sleep(50)));
    expect(clock.now()).toBe(150);
    await expect(clock.run(Promise.reject(new Error("as it is")))).rejects.toThrow("as it is");
  });

  it("run() says so when nothing is left that could settle the promise", async () => {
    const clock = createVirtualClock();
    const never = new Promise<void>(() => undefined);
    await expect(clock.run(never)).rejects.toThrow("nothing is left to happen");
    const tick = () => void clock.setTimer(1000, tick);
    tick();
    await expect(clock.run(never, 60_000)).rejects.toThrow("has not settled after 60000 virtual ms");
    await expect(clock.runUntilIdle(60_000)).rejects.toThrow("not idle after 60000 virtual ms");
  });

  it("run() lets no more time pass than really does while real work goes on, and all of it afterwards", async () => {
    let working = true;
    const clock = createVirtualClock({ realWork: () => working });
    const startedAt = performance.now();
    let nowAfterWork = 0;
    setTimeout(() => {
      nowAfterWork = clock.now();
      working = false;
    }, 20);
    const ticks: number[] = [];
    const tick = () => {
      ticks.push(clock.now());
      clock.setTimer(5, tick);
    };
    clock.setTimer(5, tick);
    await clock.run(new Promise<void>((resolve) => clock.setTimer(10_000, resolve)));
    expect(nowAfterWork).toBeLessThanOrEqual(performance.now() - startedAt);
    expect(clock.now()).toBe(10_000);
    expect(ticks.slice(0, 3)).toEqual([5, 10, 15]);
  });

  it("run() waits for real work when no timer is left, and gives up in its time", async () => {
    const working = createVirtualClock({ realWork: () => true });
    await working.run(new Promise<void>((resolve) => setTimeout(resolve, 5)));
    const never = new Promise<void>(() => undefined);
    await expect(working.run(never, 10)).rejects.toThrow("has not settled after 10 virtual ms");
  });

  it("with auto, time passes by itself whenever the event loop is idle", async () => {
    const clock = createVirtualClock({ auto: true });
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve));
    await sleep(3_600_000);
    expect(clock.now()).toBe(3_600_000);
    await Promise.all([sleep(10), sleep(20)]);
    expect(clock.now()).toBe(3_600_020);
  });

  it("stands still after auto-advance was stopped", async () => {
    const clock = createVirtualClock();
    const stop = clock.autoAdvance();
    stop();
    clock.setTimer(1, () => undefined);
    await clock.settle();
    expect(clock.now()).toBe(0);
    expect(clock.pendingTimers()).toHaveLength(1);
  });

  it("names the place that set a pending timer, and leaves out the network's own", () => {
    const clock = createVirtualClock();
    clock.schedule(5, () => undefined);
    clock.setTimer(7, () => undefined);
    const [only, ...others] = clock.pendingTimers();
    expect(others).toEqual([]);
    expect(only?.inMs).toBe(7);
    expect(only?.setAt).toContain("virtual-clock.test.ts");
  });
});
