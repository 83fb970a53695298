// What Code Engine lets an application have: 250 instances, 10 minutes for a request, ephemeral storage of 400 MB unless it
// is set (cloud.ibm.com/docs/codeengine?topic=codeengine-limits), and processors and memory in fixed combinations
// (cloud.ibm.com/docs/codeengine?topic=codeengine-mem-cpu-combo).

import type { ProviderLimits } from "@fnmesh/core/internal";
import type { PlatformLimits } from "../platform.ts";
import type { IbmSettings } from "./settings.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 250, most: 48_000, preset: 2_000 },
  // A request to an application may last ten minutes.
  timeoutMs: { most: 600_000, preset: 300_000 },
  workers: 250,
  payloadBytes: 1024 * 1024,
  diskMb: 400,
  descriptors: undefined,
  concurrency: 250,
};

/** The sizes of memory that there are, in decimal megabytes, each with the most processors that it may have. */
export const sizes: Readonly<Record<number, string>> = {
  250: "0.125",
  500: "0.25",
  1000: "0.5",
  2000: "1",
  4000: "2",
  8000: "4",
  16000: "8",
  32000: "8",
  48000: "12",
};

/** Of what is deployed: an instance serves one worker, and has what the deployment gave it. */
export const limitsOf = ({ memoryMb, timeoutMs, maxInstances }: IbmSettings): ProviderLimits => ({
  memoryMb: { least: limits.memoryMb.least, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: maxInstances,
});
