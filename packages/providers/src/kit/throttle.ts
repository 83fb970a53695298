// Launches as fast as the platform takes them, and not faster: a token bucket in front, and for what is refused all the
// same a wait with jitter and a slower bucket, which becomes faster again with every success.

import { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { pause } from "./pause.ts";

export interface LaunchRate {
  /** Calls that may be made at once. */
  readonly burst: number;
  /** And then so many a second. */
  readonly perSecond: number;
}

export interface ThrottleOptions {
  readonly rate: LaunchRate;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface Throttle {
  /**
   * Calls, when it may; again while the call rejects with THROTTLED. Rejects with what the call rejects with; with the
   * last THROTTLED when the signal is aborted while it waits for another try; with the signal's reason before the first.
   */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

const firstWaitMs = 200;
const mostWaitMs = 10_000;
/** After a refusal the bucket fills half as fast, down to this share. */
const leastShare = 1 / 64;
/** With each success so much of the full rate comes back. */
const recovery = 1 / 16;

export function createThrottle({ rate, clock, random }: ThrottleOptions): Throttle {
  let tokens = rate.burst;
  let filledAt = clock.now();
  let share = 1;

  /** Milliseconds until a token is free, which is taken at once. */
  const take = (): number => {
    const now = clock.now();
    const perMs = (rate.perSecond * share) / 1000;
    tokens = Math.min(rate.burst, tokens + (now - filledAt) * perMs);
    filledAt = now;
    tokens -= 1;
    return tokens >= 0 ? 0 : -tokens / perMs;
  };

  async function run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let refused: unknown;
    for (let tries = 0; ; tries += 1) {
      const backOff = tries === 0 ? 0 : random() * Math.min(mostWaitMs, firstWaitMs * 2 ** tries);
      await pause(clock, take() + backOff, signal).catch((reason: unknown) => {
        throw refused ?? reason;
      });
      try {
        const value = await call();
        share = Math.min(1, share + recovery);
        return value;
      } catch (error) {
        if (!(error instanceof FnmeshError) || error.code !== "THROTTLED") throw error;
        refused = error;
        share = Math.max(leastShare, share / 2);
      }
    }
  }
  return { run };
}
