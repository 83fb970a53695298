// Waiting by a clock that a test may turn.

import type { Clock } from "@fnmesh/core/internal";

/**
 * Resolves at `atMs` of the clock or later, at once when that is past; rejects when the signal is aborted first. Node's
 * timers count whole milliseconds and may fire up to one early: then there is a rest to wait.
 */
export function until(clock: Clock, atMs: number, signal?: AbortSignal): Promise<void> | undefined {
  if (atMs <= clock.now()) return undefined;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel();
      reject(signal!.reason);
    };
    const onTimer = () => {
      if (clock.now() < atMs) {
        timer = arm();
        return;
      }
      signal?.removeEventListener("abort", onAbort);
      resolve();
    };
    const arm = () => clock.setTimer(atMs - clock.now(), onTimer);
    let timer = arm();
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
}
