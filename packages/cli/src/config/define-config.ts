// What a user writes into fnmesh.config.ts. Types and one function that does nothing: it is part of the package's door.

import type { PlatformSections } from "@fnmesh/providers";

/** What a project has in common. What a stage has otherwise stands in `stages`. See docs/CONFIG.md. */
export interface FnmeshConfig extends StageConfig {
  /** The stage that is meant where none is named: `--stage`, FNMESH_STAGE. Preset: `dev`. */
  readonly stage?: string;
  /** By stage, what goes before the fields above: field by field within a platform's section. */
  readonly stages?: Readonly<Record<string, StageConfig>>;
}

/** Every field may come from the environment instead, which goes before the file: see docs/CONFIG.md. */
export interface StageConfig extends PlatformSections {
  /** Where workers run: `local` (the preset), or a platform's name. As `--provider`. */
  readonly provider?: string;
  /** An orchestrator elsewhere, on which jobs are run. Its token is FNMESH_TOKEN. */
  readonly orchestrator?: { readonly url?: string };
  /** The stores that jobs may talk over. Those set up here are part of the channel `auto`. */
  readonly stores?: StoresConfig;
  /** Prices of your own over those of the built-in table, by their names there. */
  readonly prices?: Readonly<Record<string, unknown>>;
  /** The platform as on which every run is priced. Default: the one that bills it, or `aws` where none does. */
  readonly priceAs?: string;
  /** How many relays a run starts as processes of their own, where its channel may use them: as `--relays`. */
  readonly relays?: number;
}

export interface StoresConfig {
  readonly redis?: {
    /** `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. */
    readonly url: string;
    /** Certificates to trust beside the system's, as PEM. */
    readonly ca?: string;
  };
  readonly memcached?: {
    /** `memcached://host[:port]`. */
    readonly url: string;
  };
  readonly s3?: {
    /** Absent: AWS, in the region. */
    readonly endpoint?: string;
    readonly bucket?: string;
    /** Preset where there is an endpoint: `us-east-1`. */
    readonly region?: string;
    readonly accessKeyId?: string;
    readonly secretAccessKey?: string;
    readonly sessionToken?: string;
  };
}

/**
 * The settings of a project, as the default export of fnmesh.config.ts.
 *
 * @example
 * import { defineConfig } from "fnmesh";
 * export default defineConfig({
 *   provider: "aws",
 *   aws: { region: "eu-central-1" },
 *   stages: { prod: { aws: { region: "eu-west-1" } } },
 *   stores: { redis: { url: "redis://cache.internal" } },
 * });
 */
export const defineConfig = (config: FnmeshConfig): FnmeshConfig => config;
