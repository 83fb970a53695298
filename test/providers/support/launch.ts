// One worker of no job: for what a provider says where nothing runs.

import type { LaunchRequest } from "@fnmesh/core/internal";

export const secret = "canary-secret";

export const launchRequest = (): LaunchRequest => ({
  invocation: {
    ...{ version: 1, job: "j", rank: 0, attempt: 0, secret, timeoutMs: 1_000 },
    orchestrator: { host: "127.0.0.1", port: 1, observePort: 1 },
  },
  memoryMb: 128,
  signal: new AbortController().signal,
});
