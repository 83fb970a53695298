// From a name to a platform, with the settings that are in force for it, and the session that its verbs run in.

import { FnmeshError } from "@fnmesh/core";
import { type Log, nodeClock } from "@fnmesh/core/internal";
import { type Platform, type PlatformName, type PlatformSession, platformNames } from "@fnmesh/providers";
import type { Config } from "../config/load-config.ts";
import { didYouMean } from "../text/suggest.ts";

/** All that there are, by name; each is loaded when it is asked for. */
export type Platforms = Readonly<Partial<Record<PlatformName, () => Promise<Platform>>>>;

type Environment = PlatformSession["environment"];

export interface Picked {
  readonly platform: Platform;
  readonly stage: string;
  readonly settings: unknown;
  readonly session: PlatformSession;
}

/** Whether workers run as processes of this machine. */
export const isLocal = (provider: string): boolean => provider === "local";

/** Rejects with UNKNOWN_PROVIDER. */
export async function findPlatform(name: string, platforms: Platforms): Promise<Platform> {
  const known = platformNames.filter((each) => platforms[each] !== undefined);
  const load = known.find((each) => each === name);
  if (load !== undefined) return await platforms[load]!();
  throw new FnmeshError("UNKNOWN_PROVIDER", `there is no provider "${name}"`, {
    hint: didYouMean(name, ["local", ...known]),
  });
}

/**
 * The platform that the configuration names. Rejects with UNKNOWN_PROVIDER, or INVALID_ARGUMENT for settings that are
 * not right.
 *
 * @example
 * const { platform, settings, session } = await pickPlatform(config, platforms, { environment, log });
 * const provider = await platform.open(settings, session);
 */
export async function pickPlatform(
  { provider, stage, sections }: Pick<Config, "provider" | "stage" | "sections">,
  platforms: Platforms,
  { environment, log }: { readonly environment: Environment; readonly log: Log },
): Promise<Picked> {
  const platform = await findPlatform(provider, platforms);
  const settings = platform.settings(sections[platform.name], { stage, environment });
  return { platform, stage, settings, session: sessionWith({ environment, log }) };
}

export const sessionWith = ({
  environment,
  log,
}: Pick<PlatformSession, "environment" | "log">): PlatformSession => ({
  // As it is now: what is taken out for workers later is still what proves who we are.
  environment: { ...environment },
  clock: nodeClock,
  log,
  random: Math.random,
});
