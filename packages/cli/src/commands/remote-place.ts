// An orchestrator elsewhere, as a command that runs jobs on it begins: connected to, and asked for a provider.

import { FnmeshError } from "@fnmesh/core";
import type { Log } from "@fnmesh/core/internal";
import {
  connectOrchestrator,
  type OrchestratorClient,
  type OrchestratorInfo,
} from "@fnmesh/orchestrator/client";
import type { Cleanup } from "../cleanup.ts";
import { type AskedOptions, localSizes } from "../options/run-options.ts";
import { isLocal } from "../platform/pick-platform.ts";
import { didYouMean } from "../text/suggest.ts";

export interface RemotePlace {
  readonly url: string;
  readonly token: string | undefined;
  readonly log: Log;
  readonly cleanup: Cleanup;
}

/** Asks nothing yet; the connection closes with the cleanup. */
export function connectRemotely({ url, token, log, cleanup }: RemotePlace): OrchestratorClient {
  const client = connectOrchestrator({ url, token, log });
  if (token !== undefined && isOpen(client.url)) {
    log.warn("the token goes over the network in the clear: use an https address, or a tunnel");
  }
  cleanup.add("connection to the orchestrator", () => client.close());
  return client;
}

/** Whether others may read along. */
export function isOpen(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

export type Offered = OrchestratorInfo["providers"][number];

/** Throws UNKNOWN_PROVIDER. */
export function providerOf(name: string, { providers }: Pick<OrchestratorInfo, "providers">): Offered {
  const found = providers.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = providers.map((each) => each.name);
  throw new FnmeshError("UNKNOWN_PROVIDER", `the orchestrator has no provider "${name}"`, {
    hint: didYouMean(name, known),
  });
}

/** What was asked for, else as large as the provider there says. */
export function sizes(
  { memoryMb, timeoutMs }: Pick<AskedOptions, "memoryMb" | "timeoutMs">,
  { name, limits }: Pick<Offered, "name" | "limits">,
): { readonly memoryMb: number; readonly timeoutMs: number } {
  const presets = isLocal(name)
    ? localSizes
    : { memoryMb: limits.memoryMb.preset, timeoutMs: limits.timeoutMs.preset };
  return { memoryMb: memoryMb ?? presets.memoryMb, timeoutMs: timeoutMs ?? presets.timeoutMs };
}
