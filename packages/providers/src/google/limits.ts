// What Google lets a function of the second generation have: it is a Cloud Run service (cloud.google.com/run/quotas,
// cloud.google.com/functions/quotas).

import type { ProviderLimits } from "@fnmesh/core/internal";
import type { PlatformLimits } from "../platform.ts";
import type { GoogleSettings } from "./settings.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 128, most: 32_768, preset: 512 },
  // Of functions that are invoked by HTTP; by events it is 9 minutes.
  timeoutMs: { most: 3_600_000, preset: 300_000 },
  workers: 1_000,
  payloadBytes: 32 * 1024 * 1024,
  // Files are kept in the instance's memory.
  diskMb: undefined,
  descriptors: undefined,
  // A service's instances, before the project asks for more.
  concurrency: 100,
};

/** Of what is deployed: an instance serves one worker, and has what the deployment gave it. */
export const limitsOf = ({ memoryMb, timeoutMs, maxInstances }: GoogleSettings): ProviderLimits => ({
  memoryMb: { least: limits.memoryMb.least, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: maxInstances,
});
