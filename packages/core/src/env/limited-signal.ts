// A signal with a time limit: every wait has both.

import type { Clock } from "./env.ts";

export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** What was waited for is there: forget the timer and the outer signal. */
  cancel(): void;
}

/** Aborted by `signal`, for its reason, or after `ms`, for the reason that `late` gives. */
export function limitedSignal(
  clock: Clock,
  ms: number,
  late: () => unknown,
  signal?: AbortSignal,
): LimitedSignal {
  const controller = new AbortController();
  const forward = () => controller.abort(signal!.reason);
  const timer = clock.setTimer(ms, () => controller.abort(late()));
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward, { once: true });
  return {
    signal: controller.signal,
    cancel() {
      timer.cancel();
      signal?.removeEventListener("abort", forward);
    },
  };
}
