// What a user writes into fnmesh.config.ts. Types and one function that does nothing: it is part of the package's door.

/** Every field may come from the environment instead, which goes before the file: see docs/CONFIG.md. */
export interface FnmeshConfig {
  /** The stores that jobs may talk over. Those set up here are part of the channel `auto`. */
  readonly stores?: StoresConfig;
  /** Prices of your own over those of the built-in table, by their names there. */
  readonly prices?: Readonly<Record<string, unknown>>;
  /** The platform as on which a local run is priced. */
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
 * export default defineConfig({ stores: { redis: { url: "redis://cache.internal" } } });
 */
export const defineConfig = <Config extends FnmeshConfig>(config: Config): Config => config;
