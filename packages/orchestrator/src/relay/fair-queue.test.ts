import fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue.ts";

const quantum = 1000;
type Push = readonly [source: number, bytes: number];
const push = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: quantum }));

function drain(queue: FairQueue<number>) {
  const out: { source: number; item: number; bytes: number }[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) out.push(next);
  return out;
}

test("everything comes out once, and each source's items in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(push, fc.constant("shift" as const))), (steps) => {
      const queue = new FairQueue<number>(quantum);
      const pushed: Push[] = [];
      const out: { source: number; item: number }[] = [];
      for (const step of steps) {
        if (step === "shift") {
          const next = queue.shift();
          if (next !== undefined) out.push(next);
        } else {
          queue.push(step[0], pushed.length, step[1]);
          pushed.push(step);
        }
      }
      out.push(...drain(queue));
      expect(queue.isEmpty).toBe(true);
      expect(out.map(({ item }) => item).sort((a, b) => a - b)).toEqual(pushed.map((_, index) => index));
      for (const source of new Set(pushed.map(([from]) => from))) {
        const items = out.filter((one) => one.source === source).map(({ item }) => item);
        expect(items).toEqual(items.toSorted((a, b) => a - b));
      }
    }),
  );
});

test("sources that always have something queued get equal shares of bytes, whatever their frames' lengths", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: quantum }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const queue = new FairQueue<number>(quantum);
      const served = lengths.map(() => 0);
      for (const [source, bytes] of lengths.entries()) {
        for (let sent = 0; sent < 20 * quantum; sent += bytes) queue.push(source, 0, bytes);
      }
      for (let total = 0; total < lengths.length * 10 * quantum; ) {
        const { source, bytes } = queue.shift()!;
        served[source]! += bytes;
        total += bytes;
      }
      // The bound of deficit round robin: less than three quanta between any two.
      expect(Math.max(...served) - Math.min(...served)).toBeLessThan(3 * quantum);
    }),
  );
});

test("a newcomer's first item does not wait behind all that others have queued", () => {
  const queue = new FairQueue<string>(quantum);
  for (let count = 0; count < 1000; count++) queue.push(0, "bulk", quantum);
  queue.shift();
  queue.push(1, "small", 10);
  const next = [queue.shift()!.item, queue.shift()!.item, queue.shift()!.item];
  expect(next).toContain("small");
});
