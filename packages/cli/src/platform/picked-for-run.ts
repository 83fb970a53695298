// The platform of a command that starts workers: as configured, and able to dial back here.

import { FnmeshError } from "@fnmesh/core";
import { nodeEnv, silentLog } from "@fnmesh/core/internal";
import type { Config } from "../config/load-config.ts";
import { type Host, writeText } from "../host.ts";
import type { RunOptions } from "../options/run-options.ts";
import { isLocal, type Picked, type Platforms, pickPlatform } from "./pick-platform.ts";
import { reachOf } from "./reach.ts";

/** Undefined: workers run on this machine. Rejects with UNKNOWN_PROVIDER, INVALID_ARGUMENT or USAGE. */
export async function pickedFor(
  { nat, listen, advertise }: Pick<RunOptions, "nat" | "listen" | "advertise">,
  config: Pick<Config, "provider" | "stage" | "sections">,
  { host, platforms }: { readonly host: Host; readonly platforms: Platforms },
): Promise<Picked | undefined> {
  const { provider } = config;
  if (isLocal(provider)) return undefined;
  if (nat !== "none") {
    throw new FnmeshError("USAGE", `--nat is for workers of this machine, and not for ${provider}`, {
      hint: "Leave --nat away, or run it here: --provider local.",
    });
  }
  const { environment } = host;
  const picked = await pickPlatform(config, platforms, { environment, log: silentLog });
  const hostAddresses = nodeEnv().net.hostAddresses();
  const { warning } = reachOf({ provider, listen, advertise, hostAddresses, flag: "--listen" });
  if (warning !== undefined) await writeText(host.stderr, `${warning}\n`);
  return picked;
}
