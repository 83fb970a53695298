// What OpenFaaS lets a function have: on one's own cluster, so mostly what its operator has set. The gateway's own
// timeouts are 60 s unless the operator has raised them (docs.openfaas.com/tutorials/expanded-timeouts).

import type { PlatformLimits } from "../platform.ts";

export const limits: PlatformLimits = {
  memoryMb: { least: 32, most: 65_536, preset: 512 },
  timeoutMs: { most: 3_600_000, preset: 300_000 },
  workers: 1_000,
  payloadBytes: 1024 * 1024,
  diskMb: undefined,
  descriptors: undefined,
  concurrency: 1_000,
};
