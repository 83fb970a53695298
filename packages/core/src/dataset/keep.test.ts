import { describe, expect, it } from "vitest";
import { Keep } from "./keep.ts";

function held(memoryBytes: number) {
  const one = {
    memoryBytes,
    closed: 0,
    toDisk() {
      one.memoryBytes = 0;
    },
    close() {
      one.closed += 1;
    },
  };
  return one;
}

describe("what an action holds", () => {
  it("goes to disk, the largest first, until the rest fits", () => {
    const keep = new Keep();
    const [small, large, middle] = [held(10), held(100), held(50)].map((one) => keep.add(one));
    keep.makeRoom(160);
    expect(keep.memoryBytes).toBe(160);
    keep.makeRoom(60);
    expect([small, large, middle].map((one) => one!.memoryBytes)).toEqual([10, 0, 50]);
    keep.makeRoom(0);
    expect(keep.memoryBytes).toBe(0);
  });

  it("counts in what holds it, and is closed with it, but for what was released", () => {
    const [outer, inner] = [new Keep(), new Keep()];
    const [closed, released] = [inner.add(held(1)), inner.add(held(2))];
    outer.add(inner);
    expect(outer.memoryBytes).toBe(3);
    inner.release(released);
    outer.close();
    outer.close();
    expect([closed.closed, released.closed]).toEqual([1, 0]);
  });
});
