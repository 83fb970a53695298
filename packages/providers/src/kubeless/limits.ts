// What Kubeless lets a function have: on one's own cluster, so what its operator has set. A function's time is bound by
// nothing but the worker's own limit: the Node runtime's timeout ends code that blocks, not code that waits.

import type { ProviderLimits } from "@fnmesh/core/internal";
import type { PlatformLimits } from "../platform.ts";
import type { KubelessSettings } from "./settings.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 64, most: 65_536, preset: 512 },
  timeoutMs: { most: 3_600_000, preset: 300_000 },
  workers: 500,
  // The Node runtime's REQ_MB_LIMIT, unless it is raised.
  payloadBytes: 1024 * 1024,
  diskMb: undefined,
  descriptors: undefined,
  concurrency: 500,
};

/** Of what is deployed. Pods serve requests side by side, so a job may have more workers than there are pods. */
export const limitsOf = ({ memoryMb, timeoutMs }: KubelessSettings): ProviderLimits => ({
  memoryMb: { least: limits.memoryMb.least, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: limits.workers,
});
