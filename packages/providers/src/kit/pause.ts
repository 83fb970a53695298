// A wait that can be called off.

import type { Clock, Timer } from "@fnmesh/core/internal";

/** Rejects with the signal's reason. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let timer: Timer | undefined;
    const aborted = () => {
      timer?.cancel();
      reject(signal.reason);
    };
    timer = clock.setTimer(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}
