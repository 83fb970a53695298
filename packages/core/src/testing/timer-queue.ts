// The order of what is still to happen: by due time, and first come first served within one moment. A binary heap,
// so that a mesh of thousands of virtual connections stays fast.

export interface QueuedTimer {
  readonly dueMs: number;
  /** Counts up: breaks ties, so that a run is the same every time. */
  readonly order: number;
  readonly callback: () => void;
  /** Where it was set; undefined for the network's own timers, which a test need not clean up. */
  readonly setAt: Error | undefined;
  cancelled: boolean;
}

const before = (a: QueuedTimer, b: QueuedTimer): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

export class TimerQueue {
  readonly #heap: QueuedTimer[] = [];

  push(timer: QueuedTimer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  /** The next timer that was not cancelled, without taking it. */
  peek(): QueuedTimer | undefined {
    while (this.#heap[0]?.cancelled) this.pop();
    return this.#heap[0];
  }

  pop(): QueuedTimer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    this.#sink(last);
    return first;
  }

  /** All that were not cancelled, in no particular order. */
  pending(): QueuedTimer[] {
    return this.#heap.filter((timer) => !timer.cancelled);
  }

  #sink(timer: QueuedTimer): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, timer)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = timer;
  }
}
