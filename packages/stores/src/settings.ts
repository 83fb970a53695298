// Where the user's stores are and how to enter them, as JSON: from fnmesh.config.ts or the environment to the
// orchestrator, and from there to the workers of a job that uses them. They hold credentials: never log one.

/** `redis://[[user]:password@]host[:port][/database]`, or `rediss:` for TLS. */
export interface RedisSettings {
  readonly url: string;
  /** Certificates to trust beside the system's, as PEM. */
  readonly ca?: string;
}

/** `memcached://host[:port]`. */
export interface MemcachedSettings {
  readonly url: string;
}

export interface S3Settings {
  /** Absent: AWS, in the region. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** An S3 service without a bucket: input names its own. */
export type S3Access = Omit<S3Settings, "bucket">;

/** By rung: what `OrchestratorOptions.stores` and a worker's welcome hold. */
export interface StoreSettings {
  readonly redis?: RedisSettings;
  readonly memcached?: MemcachedSettings;
  readonly "s3-naive"?: S3Settings;
  readonly "s3-combined"?: S3Settings;
}
