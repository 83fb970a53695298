// How busy the machine's processors are between two moments, whoever uses them: what shows whether they were the limit.

import { cpus } from "node:os";

/** Starts to watch; the function tells the share of all processors' time that was used since, 0 to 1. */
export function watchProcessors(): () => number {
  const before = times();
  return () => {
    const after = times();
    const all = after.all - before.all;
    return all > 0 ? (after.used - before.used) / all : 0;
  };
}

function times(): { readonly all: number; readonly used: number } {
  let [all, idle] = [0, 0];
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { all, used: all - idle };
}

/** This process's own work, over time. */
export interface OwnWork {
  /** Milliseconds of processor time between two moments of the wall clock. */
  between(from: number, until: number): number;
  stop(): void;
}

/** Finer than any phase that is told apart; coarse enough to cost nothing. */
const sampleMs = 50;

export function watchOwnWork(): OwnWork {
  const samples: { readonly at: number; readonly usedMs: number }[] = [];
  const take = () => {
    const { user, system } = process.cpuUsage();
    samples.push({ at: performance.timeOrigin + performance.now(), usedMs: (user + system) / 1000 });
  };
  take();
  const timer = setInterval(take, sampleMs);
  // The last sample before a moment: this process may be too busy to take one at it.
  const usedAt = (moment: number) => (samples.findLast(({ at }) => at <= moment) ?? samples[0]!).usedMs;
  return {
    between: (from, until) => usedAt(until) - usedAt(from),
    stop() {
      clearInterval(timer);
      take();
    },
  };
}
