// What Code Engine lets an application have (cloud.ibm.com/docs/codeengine: "Limits and quotas", "Supported memory and CPU
// combinations"). Recalled: to be checked before anything is built on the exact figures.

import type { ProviderLimits } from "@fnmesh/core/internal";
import type { PlatformLimits } from "../platform.ts";
import type { IbmSettings } from "./settings.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 256, most: 49_152, preset: 512 },
  // A request to an application may last ten minutes.
  timeoutMs: { most: 600_000, preset: 300_000 },
  workers: 250,
  payloadBytes: 1024 * 1024,
  // Ephemeral storage takes as much as the memory unless it is set.
  diskMb: undefined,
  descriptors: undefined,
  concurrency: 250,
};

/** The sizes of memory that there are, each with the most processors that it may have. */
export const sizes: Readonly<Record<number, string>> = {
  256: "0.125",
  512: "0.25",
  1024: "0.5",
  2048: "1",
  4096: "2",
  8192: "4",
  16384: "8",
  24576: "12",
  32768: "8",
  49152: "12",
};

/** Of what is deployed: an instance serves one worker, and has what the deployment gave it. */
export const limitsOf = ({ memoryMb, timeoutMs, maxInstances }: IbmSettings): ProviderLimits => ({
  memoryMb: { least: limits.memoryMb.least, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: maxInstances,
});
