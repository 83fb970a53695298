// Waiting by a clock that a test may turn.

import type { Clock } from "@fnmesh/core/internal";

/** Resolves at `atMs` of the clock, or at once when that is past; rejects when the signal is aborted first. */
export function until(clock: Clock, atMs: number, signal?: AbortSignal): Promise<void> | undefined {
  const delayMs = atMs - clock.now();
  if (delayMs <= 0) return undefined;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel();
      reject(signal!.reason);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
