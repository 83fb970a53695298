// A relay beside the orchestrator, as a process of its own, as `fnmesh relay` is one.

import { join } from "node:path";
import { type AskedChild, startAskedChild } from "../lib/asked-child.ts";
import type { RelayOptions } from "../relays/program.ts";
import type { SettingOptions } from "./setting.ts";

/** Resolves when the orchestrator knows it. `ask` tells `processorMs`. */
export async function startRelayProcess(
  options: RelayOptions,
  { bundles, defer }: SettingOptions,
): Promise<AskedChild> {
  const program = join(bundles, "relays/program.mjs");
  const relay = await startAskedChild([program], JSON.stringify(options));
  defer(() => relay.close());
  return relay;
}
