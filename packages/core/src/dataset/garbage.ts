// Rows of megabytes live long enough to become old, and V8 clears old objects away only when the heap comes near its
// limit. In a small function that is too late: with what a process has beside its heap, there is less memory than the
// limit says. So whoever hands out such rows sees to it that those before are cleared away in time.

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface Heap {
  /** In bytes: what it has from the system, what is in use, and what it may have. */
  size(): { readonly total: number; readonly used: number; readonly limit: number };
  /** Stops for some milliseconds in a small heap. */
  collect(): void;
}

/** Of the heap's limit: below that there is room for all. */
const roomyShare = 0.45;
/** Of the same: so much must be in use again before the next time. With 128 MB it is three rows of 2.6 MB. */
const growthShare = 0.1;

export class Garbage {
  readonly #heap: Heap;
  #left = 0;

  constructor(heap: Heap = createHeap()) {
    this.#heap = heap;
  }

  /** To be called when a large row is done with. */
  clear(): void {
    const { total, used, limit } = this.#heap.size();
    if (total < limit * roomyShare || used < this.#left + limit * growthShare) return;
    this.#heap.collect();
    this.#left = this.#heap.size().used;
  }
}

export function createHeap(): Heap {
  let collect: (() => void) | undefined;
  return {
    size() {
      const { total_heap_size: total, used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return { total, used, limit };
    },
    collect() {
      collect ??= collector();
      collect();
    },
  };
}

/** Node has no call for it but this one; in an engine that has none, garbage waits. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? () => void collect() : () => {};
}
