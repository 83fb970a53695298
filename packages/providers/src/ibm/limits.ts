// What IBM Code Engine lets an application have: 250 instances, 10 minutes for a request, ephemeral storage of 400 MB or
// as much as the memory (cloud.ibm.com/docs/codeengine?topic=codeengine-limits), and processor and memory in fixed
// combinations (cloud.ibm.com/docs/codeengine?topic=codeengine-mem-cpu-combo).

import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 1_000, most: 32_000, preset: 2_000 },
  timeoutMs: { most: 590_000, preset: 590_000 },
  workers: 250,
  payloadBytes: 1024 * 1024,
  diskMb: 400,
  descriptors: undefined,
  concurrency: 250,
};

/** The balanced combinations: 4 GB for each processor, and half of one or a quarter with as much less. */
export const processors: Readonly<Record<number, string>> = {
  1000: "0.25",
  2000: "0.5",
  4000: "1",
  8000: "2",
  16000: "4",
  32000: "8",
};
