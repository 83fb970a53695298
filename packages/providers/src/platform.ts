// The seam between the command and a platform: what a folder of this package has to be. Data says what the platform
// has and lets one have; a few verbs do everything else. What is deployed is one generic function, whatever the job.

import type { Clock, Log, Provider, ProviderLimits, ProviderNetwork } from "@fnmesh/core/internal";
import type { Resource } from "./kit/deployment.ts";

export const platformNames = [
  "aws",
  "google",
  "azure",
  "ibm",
  "openwhisk",
  "oracle",
  "openfaas",
  "knative",
  "kubeless",
] as const;
export type PlatformName = (typeof platformNames)[number];

/** What the platform lets a function have. Each figure with its source, in the folder's limits.ts. */
export interface PlatformLimits extends ProviderLimits {
  /** The longest event that an invocation takes. fnmesh's are below 1 KB. */
  readonly payloadBytes: number;
  /** What a function may write to /tmp; undefined: as much as its memory, or as the operator set. */
  readonly diskMb: number | undefined;
  /** Open files and sockets of one function: so many peers, less a few. */
  readonly descriptors: number | undefined;
  /** Functions at one time before anybody asks for more. */
  readonly concurrency: number;
}

/** What the person has to have installed; loaded or called only when the platform is used. */
export interface Needs {
  /** npm packages, as `npm install` takes them. */
  readonly packages: readonly string[];
  /** Commands of the platform's own. */
  readonly tools: readonly { readonly command: string; readonly install: string }[];
}

/** What comes in from outside, so that tests can give their own. */
export interface PlatformSession {
  /** Where credentials and endpoints may come from. Never logged. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1, as Math.random. */
  readonly random: () => number;
}

/**
 * A platform. `Settings` is what its section in fnmesh.config.ts comes to: plain data, without secrets.
 *
 * @example
 * const aws = await platforms.aws();
 * const settings = aws.settings({ region: "eu-central-1" }, { stage: "dev", environment: process.env });
 * const plan = await diff(await aws.resources(settings, session), signal);
 * await deploy(await aws.resources(settings, session), { signal });
 * const provider = await aws.open(settings, session);
 */
export interface Platform<Settings = unknown> {
  readonly name: PlatformName;
  readonly title: string;
  readonly limits: PlatformLimits;
  readonly network: ProviderNetwork;
  readonly needs: Needs;
  /**
   * The name of the prices in the orchestrator's table at which it bills what is deployed with such settings; undefined:
   * it bills nothing, as the operator's own machines. The provider that `open` gives says the same as `pricedAs`.
   */
  prices(settings: Settings): string | undefined;
  /**
   * What is in force, from the section of the configuration (undefined: there is none) and the environment. The stage
   * is part of every name, so that stages stand side by side. Throws INVALID_ARGUMENT that names the field.
   */
  settings(
    section: unknown,
    given: { readonly stage: string; readonly environment: PlatformSession["environment"] },
  ): Settings;
  /** What has to be there, in the order in which it is made. Reads nothing yet. Rejects with PROVIDER_UNAVAILABLE. */
  resources(settings: Settings, session: PlatformSession): Promise<readonly Resource[]>;
  /** Starts workers on what is deployed. Rejects with PROVIDER_UNAVAILABLE. */
  open(settings: Settings, session: PlatformSession): Promise<Provider>;
}
