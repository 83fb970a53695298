// One receiver's queue, shared fairly by its senders: deficit round robin by bytes (Shreedhar & Varghese, 1995).
// Pure. Each operation takes constant time, however many senders there are.

/** A queue without the cost of moving what is behind the head. */
class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head]!;
    this.#head += 1;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

export interface Queued<T> {
  readonly source: number;
  readonly item: T;
  readonly bytes: number;
}

interface Flow<T> {
  readonly queue: Fifo<Queued<T>>;
  /** Bytes that this source may still send in its turn. */
  credit: number;
}

export class FairQueue<T> {
  readonly #quantumBytes: number;
  /** Those with something queued; the first one has its turn. */
  readonly #flows = new Map<number, Flow<T>>();

  /** `quantumBytes`: what a source may send in one turn; not below the longest item, so that no turn is empty. */
  constructor(quantumBytes: number) {
    this.#quantumBytes = quantumBytes;
  }

  get isEmpty(): boolean {
    return this.#flows.size === 0;
  }

  push(source: number, item: T, bytes: number): void {
    const queued = { source, item, bytes };
    const flow = this.#flows.get(source) ?? { queue: new Fifo(), credit: this.#quantumBytes };
    flow.queue.push(queued);
    this.#flows.set(source, flow);
  }

  /** The next item: a source's own stay in their order. */
  shift(): Queued<T> | undefined {
    for (;;) {
      const turn = this.#flows.entries().next().value;
      if (turn === undefined) return undefined;
      const [source, flow] = turn;
      const { bytes } = flow.queue.first!;
      if (bytes <= flow.credit) {
        flow.credit -= bytes;
        const queued = flow.queue.shift()!;
        if (flow.queue.size === 0) this.#flows.delete(source);
        return queued;
      }
      flow.credit += this.#quantumBytes;
      this.#flows.delete(source);
      this.#flows.set(source, flow);
    }
  }
}
