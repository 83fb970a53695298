import { expect, it } from "vitest";
import { createHeap, Garbage } from "./garbage.ts";

/** A heap whose garbage grows with each row; `kept` stays. */
function heapOf(limit: number, kept: number) {
  const heap = {
    used: kept,
    collections: 0,
    most: 0,
    size: () => ({ total: heap.used, used: heap.used, limit }),
    collect() {
      heap.collections += 1;
      heap.used = kept;
    },
    grow(bytes: number) {
      heap.used += bytes;
      heap.most = Math.max(heap.most, heap.used);
    },
  };
  return heap;
}

function passRows(heap: ReturnType<typeof heapOf>, count: number, bytes: number) {
  const garbage = new Garbage(heap);
  for (let row = 0; row < count; row += 1) {
    heap.grow(bytes);
    garbage.clear();
  }
}

it("is cleared away when there is little room, so that the heap stays far below its limit", () => {
  const heap = heapOf(80, 20);
  passRows(heap, 1000, 3);
  expect(heap.most).toBeLessThan(40);
  expect(heap.collections).toBeGreaterThan(50);
});

it("waits where there is room for it", () => {
  const heap = heapOf(1000, 20);
  passRows(heap, 100, 3);
  expect(heap.collections).toBe(0);
});

it("is not looked for after each row, even where what is in use is all that there is", () => {
  const heap = heapOf(80, 70);
  passRows(heap, 100, 1);
  expect(heap.collections).toBeLessThanOrEqual(13);
});

it("of the engine's own heap goes, and nothing of how is left to others", async () => {
  const gone = new WeakRef({ large: true });
  // What was made in a turn lives until its end.
  await new Promise(setImmediate);
  const heap = createHeap();
  heap.collect();
  expect(gone.deref()).toBeUndefined();
  expect("gc" in globalThis).toBe(false);
  const { total, used, limit } = heap.size();
  expect(used).toBeLessThan(total);
  expect(total).toBeLessThan(limit);
});
