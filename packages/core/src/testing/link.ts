// A link of the virtual network: latency, jitter, lost SYNs, and a cable that can be cut. Segments never overtake each
// other: what hole punching must survive is loss and delay, and in-order links keep the TCP model small.

import type { SeededRandom } from "./seeded-random.ts";
import type { Segment } from "./tcp/segment.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface LinkOptions {
  /** One way. Default: 1. */
  readonly latencyMs?: number;
  /** Up to this much more, by the seed. Default: 0. */
  readonly jitterMs?: number;
  /** The part of SYN and SYN-ACK segments that is lost, 0 to 1. Default: 0. */
  readonly synLoss?: number;
}

export class Link {
  /** One way; may be changed at any time. */
  latencyMs: number;
  readonly #jitterMs: number;
  readonly #synLoss: number;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #lastDueMs = { up: 0, down: 0 };
  #cut = false;

  constructor(options: LinkOptions, clock: VirtualClock, random: SeededRandom) {
    this.latencyMs = options.latencyMs ?? 1;
    this.#jitterMs = options.jitterMs ?? 0;
    this.#synLoss = options.synLoss ?? 0;
    this.#clock = clock;
    this.#random = random;
  }

  /** From now on everything that is on the link or is put on it is lost, without a word. */
  cut(): void {
    this.#cut = true;
  }

  restore(): void {
    this.#cut = false;
  }

  /** `arrive` is called when the segment is at the other end; `lost`, at once, when it will not get there. */
  carry(direction: "up" | "down", segment: Segment, arrive: () => void, lost: (why: string) => void): void {
    const why = this.#cut ? "link cut" : this.#isLost(segment) ? "lost" : undefined;
    if (why !== undefined) {
      lost(why);
      return;
    }
    const jitterMs = this.#jitterMs > 0 ? this.#random.unit() * this.#jitterMs : 0;
    const dueMs = Math.max(this.#clock.now() + this.latencyMs + jitterMs, this.#lastDueMs[direction]);
    this.#lastDueMs[direction] = dueMs;
    this.#clock.schedule(dueMs - this.#clock.now(), () => (this.#cut ? lost("link cut") : arrive()));
  }

  #isLost({ kind }: Segment): boolean {
    return (kind === "syn" || kind === "syn-ack") && this.#synLoss > 0 && this.#random.unit() < this.#synLoss;
  }
}
