// What a worker is told when it joins.

import type { Endpoint } from "@fnmesh/core/internal";
import {
  type MessageBody,
  type OrchestratorMessage,
  protocolVersion,
  type Rung,
} from "@fnmesh/core/protocol";
import type { JobSpec } from "./job.ts";

/**
 * How the pairs of a job may talk: the rungs, and what a worker needs to know of their stores. One object for the whole
 * job: until its first worker is launched, `withoutRungs` may take rungs out.
 */
export interface Ways {
  readonly ladder: readonly Rung[];
  /** Whether the user left the order to the policy. */
  readonly auto: boolean;
  readonly stores: Readonly<Record<string, unknown>>;
  /** Why there is no direct way on this platform, where `auto` leaves it out for that. */
  readonly notDirect?: string;
}

/** Takes rungs out in place: whoever holds the ladder sees it. */
export function withoutRungs(ways: Ways, rungs: readonly Rung[]): void {
  const ladder = ways.ladder as Rung[];
  const stores = ways.stores as Record<string, unknown>;
  for (const rung of rungs) {
    const index = ladder.indexOf(rung);
    if (index >= 0) ladder.splice(index, 1);
    delete stores[rung];
  }
}

export const welcomeMessage = (
  spec: JobSpec,
  rank: number,
  code: { readonly hash: string; readonly bytes: number },
  observed: Endpoint,
  { ladder, stores }: Ways,
): MessageBody<OrchestratorMessage, "welcome"> => ({
  type: "welcome",
  version: protocolVersion,
  size: spec.workers,
  observed,
  code,
  params: spec.params,
  splits: (spec.input[rank] ?? []).map(({ name, bytes, at }) => ({
    name,
    bytes,
    ...(at === undefined ? {} : { at }),
  })),
  ladder,
  stores,
  ...sourcesOf(spec, rank),
  encrypt: spec.encrypt,
  memoryMb: spec.memoryMb,
});

/** Who reads nothing there is told of no key. */
function sourcesOf(
  { input, sources }: JobSpec,
  rank: number,
): { readonly sources?: JobSpec["sources"] & {} } {
  const needed = input[rank]?.some(({ at }) => at !== undefined) ?? false;
  return needed && sources !== undefined ? { sources } : {};
}
