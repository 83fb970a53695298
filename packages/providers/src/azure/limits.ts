// What Azure Functions lets a function have on the Flex Consumption plan: instances of 512, 2,048 or 4,096 MB, up to
// 1,000 of them, and no limit of time for what is triggered by a queue (learn.microsoft.com/azure/azure-functions,
// "Flex Consumption plan" and "Function app timeout duration"; one hour is how long an instance is spared when the plan
// scales in). A message of a storage queue has 64 KiB, which is 48 KiB before base64 ("Introduction to Azure Queue
// Storage").

import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 512, most: 4_096, preset: 2_048 },
  timeoutMs: { most: 3_600_000, preset: 1_800_000 },
  workers: 1_000,
  payloadBytes: 48 * 1024,
  // Not told for this plan.
  diskMb: undefined,
  descriptors: undefined,
  // The preset of an app's maximum; up to 1,000.
  concurrency: 100,
};

/** The plan has no others. */
export const memorySizesMb: readonly number[] = [512, 2048, 4096];
export const instances = { least: 1, most: 1_000, preset: 100 } as const;
