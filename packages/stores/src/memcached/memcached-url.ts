// What a Memcached URL says.

import { FnmeshError } from "@fnmesh/core";
import type { MemcachedSettings } from "../settings.ts";
import { parseStoreUrl } from "../store-url.ts";
import type { ServerAddress } from "../wire/connection.ts";

export interface MemcachedAddress extends ServerAddress {
  /** What messages call it. */
  readonly shown: string;
}

const hint = "Write it as memcached://host[:port].";
const defaultPort = 11_211;

/** Throws INVALID_ARGUMENT, without the URL. */
export function parseMemcachedUrl(url: string): MemcachedAddress {
  const parsed = parseStoreUrl({ url, name: "Memcached", protocols: ["memcached:"], defaultPort, hint });
  const { host, port, user, password, path, shown } = parsed;
  if (user !== "" || password !== "") {
    throw new FnmeshError("INVALID_ARGUMENT", "the Memcached URL has a user or a password", {
      hint: "fnmesh does not log in to Memcached: let only the workers' network reach it.",
    });
  }
  if (path !== "") throw new FnmeshError("INVALID_ARGUMENT", "the Memcached URL has a path", { hint });
  return { host, port, tls: false, ca: undefined, shown };
}

/** `StoreConnectOptions.settings` of this rung. Throws INVALID_ARGUMENT. */
export function memcachedAddressOf(settings: unknown): MemcachedAddress {
  const { url } = (settings ?? {}) as Partial<MemcachedSettings>;
  if (typeof url !== "string") {
    throw new FnmeshError("INVALID_ARGUMENT", "the settings of Memcached have no URL", { hint });
  }
  return parseMemcachedUrl(url);
}
