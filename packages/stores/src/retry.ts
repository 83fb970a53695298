// Requests that fail in passing are sent again, later and later, each at a random moment of its interval: so those
// whom one overload has hit do not come back together ("full jitter").

import type { FnmeshError } from "@fnmesh/core";
import type { Clock, Random, StoreUsage } from "@fnmesh/core/internal";

/** Thrown by an attempt that may be repeated. */
export class PassingFailure extends Error {
  /** `throttled`: the store is there and wants less. `broken`: a connection or a server failed. */
  readonly kind: "throttled" | "broken";
  /** What to say when it never gets better. */
  readonly final: FnmeshError;

  constructor(kind: "throttled" | "broken", final: FnmeshError) {
    super(final.message, { cause: final.cause });
    this.kind = kind;
    this.final = final;
  }
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly usage: StoreUsage;
  readonly signal: AbortSignal;
  /** Shortens the usual patience. */
  readonly giveUpMs?: number;
}

/**
 * A store that is gone must be noticed while the job can still take another way; one that is only busy gets better: a
 * shuffle of many thousand requests meets its limits for seconds.
 */
const patience = {
  throttled: { firstMs: 100, mostMs: 5_000, giveUpMs: 90_000 },
  broken: { firstMs: 50, mostMs: 2_000, giveUpMs: 15_000 },
} as const;

/** Rejects with what is not passing, with a passing failure's `final` after so long, or with the signal's reason. */
export async function retried<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const { clock, random, usage, signal } = options;
  let firstFailedMs: number | undefined;
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error;
      const now = clock.now();
      firstFailedMs ??= now;
      const { firstMs, mostMs, giveUpMs } = patience[error.kind];
      if (now - firstFailedMs >= Math.min(giveUpMs, options.giveUpMs ?? giveUpMs)) throw error.final;
      const ceilingMs = Math.min(mostMs, firstMs * 2 ** Math.min(tries - 1, 20));
      await pause(clock, random.int(0, ceilingMs + 1), signal);
      usage.retries += 1;
    }
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const aborted = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.setTimer(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}
