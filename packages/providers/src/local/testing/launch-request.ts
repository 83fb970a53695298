// Launches for tests.

import type { Invocation, LaunchRequest } from "@fnmesh/core/internal";

/** A launch of a worker that behaves as `job` says. */
export function launchRequest(
  job: string,
  { memoryMb = 256, ...over }: Partial<Invocation> & { memoryMb?: number } = {},
): LaunchRequest {
  const invocation: Invocation = {
    version: 1,
    job,
    rank: 7,
    attempt: 2,
    orchestrator: { host: "127.0.0.1", port: 1, observePort: 2 },
    secret: "a-secret-that-nobody-may-see",
    timeoutMs: 30_000,
    ...over,
  };
  return { invocation, memoryMb, signal: new AbortController().signal };
}
