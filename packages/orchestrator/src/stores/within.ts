// A deadline for work that takes no signal.

import type { Clock, Timer } from "@fnmesh/core/internal";

/** What `work` comes to, or the rejection with `late()` if that takes longer than `ms`. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: Timer | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = clock.setTimer(ms, () => reject(late()));
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    timer?.cancel();
  }
}
