// Sends something again and again, waiting twice as long each time, until it is acknowledged or given up.

import type { Timer } from "../../env/env.ts";

export interface RetransmissionPlan {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly retries: number;
}

export class Retransmission {
  readonly #plan: RetransmissionPlan;
  readonly #schedule: (delayMs: number, callback: () => void) => Timer;
  readonly #resend: () => void;
  readonly #giveUp: () => void;
  #timer: Timer | undefined;
  #tries = 0;

  constructor(
    plan: RetransmissionPlan,
    schedule: (delayMs: number, callback: () => void) => Timer,
    resend: () => void,
    giveUp: () => void,
  ) {
    this.#plan = plan;
    this.#schedule = schedule;
    this.#resend = resend;
    this.#giveUp = giveUp;
  }

  /** Begins the wait, unless it has begun. */
  start(): void {
    if (this.#timer !== undefined) return;
    const delayMs = Math.min(this.#plan.firstMs * 2 ** this.#tries, this.#plan.mostMs);
    this.#timer = this.#schedule(delayMs, () => {
      this.#timer = undefined;
      if (this.#tries === this.#plan.retries) return this.#giveUp();
      this.#tries += 1;
      this.start();
      this.#resend();
    });
  }

  /** The other side lives but is not ready: goes on waiting as long as before, and does not give up for it. */
  forgive(): void {
    this.#tries = Math.min(this.#tries, this.#plan.retries - 1);
  }

  /** It was acknowledged: nothing to wait for, and the next wait is a short one again. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#tries = 0;
  }
}
