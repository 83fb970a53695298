// What a Redis URL says: where the server is, and how to enter it. The password never appears in a message.

import { FnmeshError } from "@fnmesh/core";
import type { RedisSettings } from "../settings.ts";
import { parseStoreUrl } from "../store-url.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** More certificates to trust, as PEM. */
  readonly ca: string | undefined;
  /** What messages call it: nothing of it is secret. */
  readonly shown: string;
}

const hint = "Write it as redis://[[user]:password@]host[:port][/database], or rediss:// for TLS.";
const defaultPort = 6379;

/** Throws INVALID_ARGUMENT, without the URL: it may hold a password. */
export function parseRedisUrl(url: string, ca?: string): RedisAddress {
  const parsed = parseStoreUrl({ url, name: "Redis", protocols: ["redis:", "rediss:"], defaultPort, hint });
  const { host, port, protocol, user, password, path, shown } = parsed;
  const database = path === "" ? "0" : path;
  if (!/^\d{1,5}$/.test(database)) {
    throw new FnmeshError("INVALID_ARGUMENT", "the database in the Redis URL is not a number", { hint });
  }
  return {
    host,
    port,
    tls: protocol === "rediss:",
    // `redis://:password@host` is the default user's.
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    database: Number(database),
    ca,
    shown,
  };
}

/** `StoreConnectOptions.settings` of this rung. Throws INVALID_ARGUMENT. */
export function redisAddressOf(settings: unknown): RedisAddress {
  const { url, ca } = (settings ?? {}) as Partial<RedisSettings>;
  if (typeof url !== "string") {
    throw new FnmeshError("INVALID_ARGUMENT", "the settings of Redis have no URL", { hint });
  }
  return parseRedisUrl(url, ca);
}
