// What AWS Lambda lets a function have. Figures: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read in
// 2026; the longest asynchronous event: aws.amazon.com/blogs/compute, "More room to build" (2026-01, 256 KB before);
// how fast functions may start: docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html.

import type { LaunchRate } from "../kit/throttle.ts";
import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 128, most: 10_240, preset: 512 },
  // As long as `fnmesh run` lets a job take by itself.
  timeoutMs: { most: 900_000, preset: 900_000 },
  workers: 1_000,
  // Asynchronous; a synchronous one may have 6 MB.
  payloadBytes: 1024 * 1024,
  diskMb: 10_240,
  descriptors: 1_024,
  // New accounts begin with less, often 10: what the account really has is asked for where that is allowed.
  concurrency: 1_000,
};

/** 1,000 more environments of a function every 10 seconds. */
const environmentsAtOnce = 1_000;
const environmentsPerSecond = 100;

/** How fast a function may be invoked whose account has room for so many environments. */
export const launchRate = (concurrency: number): LaunchRate => ({
  burst: Math.max(1, Math.min(concurrency, environmentsAtOnce)),
  perSecond: environmentsPerSecond,
});
