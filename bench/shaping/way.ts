// One way of a line: bytes pass at its rate, one after another, and arrive a latency later. Pure: time is given.

import { TokenBucket } from "./token-bucket.ts";

export interface WayOptions {
  readonly bytesPerSecond: number;
  readonly latencyMs: number;
}

/**
 * What a line sends in one go before another connection has its turn. Less would be fairer, and cost more of the
 * processor; at 5 Gbit/s it is 26 µs of the line.
 */
export const quantumBytes = 16 * 1024;

/** Two quanta at once, */
const leastDepthBytes = 2 * quantumBytes;
/** or what passes in so long: a timer of a busy machine may be that late, and must leave no gap on the line. */
const mostLateMs = 50;

export class Way {
  readonly latencyMs: number;
  /** What is on its way at once at most: rate × latency, and what is being sent. */
  readonly holdsBytes: number;
  readonly #bucket: TokenBucket;

  constructor({ bytesPerSecond, latencyMs }: WayOptions) {
    const depth = Math.max(leastDepthBytes, (bytesPerSecond * mostLateMs) / 1000);
    this.#bucket = new TokenBucket({ rate: bytesPerSecond, depth });
    this.latencyMs = latencyMs;
    this.holdsBytes = Math.ceil((bytesPerSecond * latencyMs) / 1000) + depth;
  }

  /** Sends so many bytes after all that were sent before. Returns when they have left; they arrive `latencyMs` later. */
  send(bytes: number, nowMs: number): number {
    return this.#bucket.take(bytes, nowMs);
  }
}
