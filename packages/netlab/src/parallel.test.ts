import { describe, expect, it } from "vitest";
import { forEachBounded } from "./parallel.ts";

describe("forEachBounded", () => {
  it("runs every step, never more than the limit at once", async () => {
    let [running, most] = [0, 0];
    const done: number[] = [];
    await forEachBounded([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it("starts nothing new after a failure, and rejects when all that runs has ended", async () => {
    const started: number[] = [];
    let ended = 0;
    const work = forEachBounded([1, 2, 3, 4], 2, async (item) => {
      started.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error("first");
      await new Promise((resolve) => setImmediate(resolve));
      ended++;
    });
    await expect(work).rejects.toThrow("first");
    expect(started).toEqual([1, 2]);
    expect(ended).toBe(1);
  });

  it("has nothing to do for nothing", async () => {
    await forEachBounded([], 4, () => Promise.reject(new Error("never called")));
  });
});
