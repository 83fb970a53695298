// What Oracle Functions lets a function have: 128 to 3,072 MB, 5 minutes for an invocation that is answered
// (docs.oracle.com/iaas/Content/Functions/Tasks/functionscustomizing.htm), events of 6 MB
// (docs.oracle.com, InvokeFunction). Fn on one's own machines takes the same and more.

import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 128, most: 3_072, preset: 512 },
  timeoutMs: { most: 300_000, preset: 300_000 },
  workers: 1_000,
  payloadBytes: 6 * 1024 * 1024,
  // Not told: a container's file system is read-only but for /tmp.
  diskMb: undefined,
  descriptors: undefined,
  // Tenancies are limited by memory (total-concurrency-mb), not by count; what is beyond is refused with 429.
  concurrency: 1_000,
};

/** Oracle takes no others. */
export const memorySizesMb: readonly number[] = [128, 256, 512, 1024, 2048, 3072];
