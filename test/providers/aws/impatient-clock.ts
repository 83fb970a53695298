// A clock on which time passes only by waiting for it, and then at once: whoever asks a server again in three seconds
// asks right away, and a limit of a minute is over after a minute's worth of pauses, however slow the machine is.

import type { Clock } from "@fnmesh/core/internal";

/** Timers at or above this are limits, and not pauses: they never fire here. */
const leastLimitMs = 5_000;

export function impatientClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    setTimer(delayMs, callback) {
      if (delayMs >= leastLimitMs) return { cancel() {} };
      const immediate = setImmediate(() => {
        nowMs += delayMs;
        callback();
      });
      return { cancel: () => clearImmediate(immediate) };
    },
  };
}
