// Waits until a platform has done what it was told.

import { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { pause } from "./pause.ts";

export interface Awaited {
  /** For the error: "the function fnmesh-dev". */
  readonly what: string;
  readonly withinMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const firstPauseMs = 100;
const mostPauseMs = 3_000;

/** Asks at growing distances until it is so. Rejects with DEPLOY_FAILED, or with what the question rejects with. */
export async function untilReady(
  { what, withinMs, clock, signal }: Awaited,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const begun = clock.now();
  for (let pauseMs = firstPauseMs; !(await isReady()); pauseMs = Math.min(mostPauseMs, 2 * pauseMs)) {
    if (clock.now() - begun >= withinMs) {
      throw new FnmeshError(
        "DEPLOY_FAILED",
        `${what} was not ready within ${Math.round(withinMs / 1000)} s`,
        {
          hint: "Look at it in the platform's own console; then do the same again.",
        },
      );
    }
    await pause(clock, pauseMs, signal);
  }
}
