// What the local provider lets a worker have: a cloud function's limits, so that a job that runs here fits there.

import { FnmeshError } from "@fnmesh/core";
import type { LaunchRequest, ProviderLimits } from "@fnmesh/core/internal";

/** AWS Lambda's figures for memory, time and concurrency. */
export const localLimits: ProviderLimits = {
  memoryMb: { least: 128, most: 10_240, preset: 512 },
  timeoutMs: { most: 900_000, preset: 300_000 },
  workers: 1_000,
};

/** Throws LIMIT. */
export function checkLimits({ memoryMb, invocation }: LaunchRequest): void {
  const { least, most } = localLimits.memoryMb;
  if (!Number.isSafeInteger(memoryMb) || memoryMb < least || memoryMb > most) {
    throw new FnmeshError("LIMIT", `a worker with ${memoryMb} MB of memory`, {
      hint: `The local provider's workers have ${least} to ${most} MB, in whole megabytes.`,
    });
  }
  const { timeoutMs } = invocation;
  if (!(timeoutMs >= 1 && timeoutMs <= localLimits.timeoutMs.most)) {
    throw new FnmeshError("LIMIT", `a worker with a time limit of ${timeoutMs} ms`, {
      hint: `The local provider's workers run for at most ${localLimits.timeoutMs.most / 1000} seconds.`,
    });
  }
}
