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

/** This process's own work since it was started to watch, in milliseconds. */
export function watchOwnWork(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
