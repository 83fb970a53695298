// What an object store's front does with requests: so many a second by kind, the rest are told to slow down; and the
// first byte of an answer takes its time. Pure: time is given.

import type { ObjectStoreModel } from "./models.ts";
import { TokenBucket } from "./token-bucket.ts";
import { Way } from "./way.ts";

const reads: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** What came, for the record; the refused count as asked too. */
export interface FrontCounts {
  reads: number;
  writes: number;
  refusedReads: number;
  refusedWrites: number;
}

export class ObjectFront {
  readonly counts: FrontCounts = { reads: 0, writes: 0, refusedReads: 0, refusedWrites: 0 };
  readonly #model: ObjectStoreModel;
  readonly #reads: TokenBucket;
  readonly #writes: TokenBucket;

  constructor(model: ObjectStoreModel) {
    this.#model = model;
    const bucket = (rate: number) => new TokenBucket({ rate, depth: rate * model.requestBurstSeconds });
    this.#reads = bucket(model.readsPerSecond);
    this.#writes = bucket(model.writesPerSecond);
  }

  /** Whether a request may go on; else it is to be told to slow down. */
  admits(method: string, nowMs: number): boolean {
    const isRead = reads.has(method);
    this.counts[isRead ? "reads" : "writes"] += 1;
    const admitted = (isRead ? this.#reads : this.#writes).tryTake(1, nowMs);
    if (!admitted) this.counts[isRead ? "refusedReads" : "refusedWrites"] += 1;
    return admitted;
  }

  /** When the answer to a request that ended then may begin. */
  firstByteAt(requestEndMs: number): number {
    return requestEndMs + this.#model.firstByteMs;
  }

  /** The two ways of a new connection. */
  connection(): { readonly up: Way; readonly down: Way } {
    const way = () => new Way({ bytesPerSecond: this.#model.connectionBytesPerSecond, latencyMs: 0 });
    return { up: way(), down: way() };
  }
}
