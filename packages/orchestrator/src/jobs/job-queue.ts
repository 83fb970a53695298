// Which queued jobs may start: in the order of their coming, as long as the provider has room for all their workers.
// Pure.

export interface QueuedJob {
  readonly id: string;
  readonly provider: string;
  readonly workers: number;
}

/** A small job does not overtake a large one of its provider: that would wait for ever. */
export function nextToStart<J extends QueuedJob>(
  queued: readonly J[],
  busyWorkers: ReadonlyMap<string, number>,
  mostWorkers: (provider: string) => number,
): readonly J[] {
  const busy = new Map(busyWorkers);
  const blocked = new Set<string>();
  return queued.filter(({ provider, workers }) => {
    const used = busy.get(provider) ?? 0;
    if (blocked.has(provider) || used + workers > mostWorkers(provider)) {
      blocked.add(provider);
      return false;
    }
    busy.set(provider, used + workers);
    return true;
  });
}
