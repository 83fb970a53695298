// Reads what the notes told of: several requests at once, and no more ahead of its turn than memory is meant for it.

import type { Layout } from "./layout.ts";
import type { ObjectRange, ObjectStore } from "./object-store.ts";

export interface Fetch {
  readonly range: ObjectRange;
  /** Whether its peer's frames wait for this one: it is read however much else was read ahead. */
  isNext(): boolean;
  /** Memory to read it into, when there is some already. Called once, when the reading begins. */
  into(): Uint8Array | undefined;
  /** The bytes count as read ahead until `taken` is called. */
  done(bytes: Uint8Array): void;
  failed(error: unknown): void;
}

export interface FetcherOptions {
  readonly store: ObjectStore;
  readonly layout: Layout;
  readonly signal: AbortSignal;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  /** In the order in which they came. */
  readonly #queue = new Set<Fetch>();
  readonly #removals = new Set<Promise<void>>();
  #running = 0;
  #aheadBytes = 0;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  add(fetch: Fetch): void {
    this.#queue.add(fetch);
  }

  /** Nobody waits for it any more. What is being read already is told as ever. */
  drop(fetch: Fetch): void {
    this.#queue.delete(fetch);
  }

  /** What was read has found its place, or nobody wants it. */
  taken(bytes: number): void {
    this.#aheadBytes -= bytes;
  }

  /** To be called when there is something new, or when it is another frame's turn. */
  pump(): void {
    const { layout, signal } = this.#options;
    while (this.#running < layout.mostGets && !signal.aborted) {
      const fetch = this.#choose();
      if (fetch === undefined) return;
      this.#queue.delete(fetch);
      this.#running += 1;
      this.#aheadBytes += fetch.range.length;
      void this.#read(fetch);
    }
  }

  /** Resolves when the objects that were read are removed, where that is done. */
  async idle(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #choose(): Fetch | undefined {
    for (const fetch of this.#queue) {
      if (this.#aheadBytes + fetch.range.length <= this.#options.layout.mostAheadBytes || fetch.isNext()) {
        return fetch;
      }
    }
    return undefined;
  }

  async #read(fetch: Fetch): Promise<void> {
    const { store, layout, signal } = this.#options;
    try {
      const bytes = await store.get(fetch.range, signal, fetch.into());
      this.#running -= 1;
      if (layout.removesWhenRead) this.#remove(fetch.range.name);
      fetch.done(bytes);
    } catch (error) {
      this.#running -= 1;
      this.taken(fetch.range.length);
      fetch.failed(error);
    }
    this.pump();
  }

  #remove(name: string): void {
    const { store, signal } = this.#options;
    // What cannot be removed now is removed by the sweep at the job's end.
    const removal = store.remove([name], signal).catch(() => {});
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }
}
