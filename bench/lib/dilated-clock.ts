// A clock in slow motion: `factor` milliseconds of the real one are one of its own.

import type { Clock } from "@fnmesh/core/internal";

/** Tells a worker's process, in its environment, how slow its clock is. */
export const dilationVariable = "FNMESH_BENCH_DILATION";

export const dilatedClock = (clock: Clock, factor: number): Clock => ({
  now: () => clock.now() / factor,
  setTimer: (delayMs, callback) => clock.setTimer(delayMs * factor, callback),
});
