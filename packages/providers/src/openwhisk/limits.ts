// What Apache OpenWhisk lets an action have. Stock installations give 128 to 512 MB, 5 minutes, 100 activations at one
// time, 120 invocations a minute and 1,024 descriptors (github.com/apache/openwhisk, docs/reference.md, "System limits");
// operators raise them: the most here is what Adobe I/O Runtime has (developer.adobe.com/app-builder, "System Settings":
// 4,096 MB, one hour, 600 a minute). What an installation does not give it refuses at the deployment, in its own words.

import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 128, most: 4_096, preset: 256 },
  timeoutMs: { most: 3_600_000, preset: 300_000 },
  workers: 1_000,
  payloadBytes: 1024 * 1024,
  // The container's own layer, as large as the invoker's disk.
  diskMb: undefined,
  descriptors: 1_024,
  concurrency: 100,
};

/** Invocations in any minute, of a namespace of a stock installation. */
export const invocationsPerMinute = { least: 1, most: 100_000, preset: 120 } as const;
