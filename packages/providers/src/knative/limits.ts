// What Knative lets a function have: on one's own cluster, so mostly what its operator has set. A request may last 600 s
// unless the operator has raised max-revision-timeout-seconds
// (knative.dev/docs/serving/configuration/config-defaults).

import type { ProviderLimits } from "@fnmesh/core/internal";
import type { PlatformLimits } from "../platform.ts";
import type { KnativeSettings } from "./settings.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 64, most: 65_536, preset: 512 },
  timeoutMs: { most: 3_600_000, preset: 300_000 },
  workers: 1_000,
  // faas-js-runtime takes 1 MiB unless it is told otherwise.
  payloadBytes: 1024 * 1024,
  diskMb: undefined,
  descriptors: undefined,
  concurrency: 1_000,
};

/** Of what is deployed: a pod serves one worker, and has what the deployment gave it. */
export const limitsOf = ({ memoryMb, timeoutMs, maxScale }: KnativeSettings): ProviderLimits => ({
  memoryMb: { least: limits.memoryMb.least, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: maxScale,
});
