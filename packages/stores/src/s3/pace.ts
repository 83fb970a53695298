// How many requests may be under way at once. A service that says "slow down" means all who ask: halving and creeping
// up again finds the share that it has for this worker, as TCP does, where retries alone would keep the storm alive.

import type { Clock } from "@fnmesh/core/internal";

/** Answers to requests of the same moment say the same thing once. */
const oneMomentMs = 100;

export class Pace {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #running = 0;
  #slowedMs = Number.NEGATIVE_INFINITY;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#limit = most;
    this.#clock = clock;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await act();
    } finally {
      this.#running -= 1;
      this.#startWaiting();
    }
  }

  /** The service has answered well. */
  well(): void {
    this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
  }

  /** The service asked for less. */
  slower(): void {
    const now = this.#clock.now();
    if (now - this.#slowedMs < oneMomentMs) return;
    this.#slowedMs = now;
    this.#limit = Math.max(1, this.#limit / 2);
  }

  #startWaiting(): void {
    while (this.#running < this.limit && this.#waiting.length > 0) {
      this.#running += 1;
      this.#waiting.shift()!();
    }
  }
}
