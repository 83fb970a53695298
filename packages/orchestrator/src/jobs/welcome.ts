// What a worker is told when it joins.

import type { Endpoint } from "@fnmesh/core/internal";
import { type MessageBody, type OrchestratorMessage, protocolVersion } from "@fnmesh/core/protocol";
import type { JobSpec } from "./job.ts";

export const welcomeMessage = (
  spec: JobSpec,
  rank: number,
  code: { readonly hash: string; readonly bytes: number },
  observed: Endpoint,
): MessageBody<OrchestratorMessage, "welcome"> => ({
  type: "welcome",
  version: protocolVersion,
  size: spec.workers,
  observed,
  code,
  params: spec.params,
  splits: (spec.input[rank] ?? []).map(({ name, bytes }) => ({ name, bytes })),
  channel: spec.channel,
  encrypt: spec.encrypt,
  memoryMb: spec.memoryMb,
});
