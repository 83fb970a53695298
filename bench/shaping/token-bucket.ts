// How much may pass by when: a rate, and a depth that may pass at once after a pause. Pure: time is given. It is kept as
// one moment, at which all that was taken so far has passed at the rate (the generic cell rate algorithm), so late
// timers lose nothing and rounding does not add up.

export interface BucketOptions {
  /** Units (bytes, requests) a second. */
  readonly rate: number;
  /** Units that may pass at once after a pause. */
  readonly depth: number;
}

export class TokenBucket {
  readonly #msPerUnit: number;
  readonly #depthMs: number;
  #passedAt = Number.NEGATIVE_INFINITY;

  constructor({ rate, depth }: BucketOptions) {
    if (!(rate > 0 && depth >= 0)) throw new RangeError(`no bucket of ${rate} a second and ${depth} at once`);
    this.#msPerUnit = 1000 / rate;
    this.#depthMs = depth * this.#msPerUnit;
  }

  /** Takes its turn after all that was taken before. Returns when it has passed: now, or later. */
  take(units: number, nowMs: number): number {
    this.#passedAt = this.#after(units, nowMs);
    return Math.max(nowMs, this.#passedAt);
  }

  /** Takes only what may pass now; whether it did. */
  tryTake(units: number, nowMs: number): boolean {
    const after = this.#after(units, nowMs);
    if (after > nowMs) return false;
    this.#passedAt = after;
    return true;
  }

  #after(units: number, nowMs: number): number {
    return Math.max(this.#passedAt, nowMs - this.#depthMs) + units * this.#msPerUnit;
  }
}
