// What the URLs of the stores have in common. A message never repeats one: it may hold a password.

import { FnmeshError } from "@fnmesh/core";

export interface StoreUrl {
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Without the slash before it. */
  readonly path: string;
  /** Host and port, for messages. */
  readonly shown: string;
}

export interface StoreUrlRules {
  readonly url: string;
  /** The store's, for messages. */
  readonly name: string;
  readonly protocols: readonly string[];
  readonly defaultPort: number;
  readonly hint: string;
}

/** Throws INVALID_ARGUMENT. */
export function parseStoreUrl({ url, name, protocols, defaultPort, hint }: StoreUrlRules): StoreUrl {
  const refuse = (why: string): never => {
    throw new FnmeshError("INVALID_ARGUMENT", `the ${name} URL ${why}`, { hint });
  };
  if (!URL.canParse(url)) return refuse("cannot be read");
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url);
  if (!protocols.includes(protocol)) return refuse(`begins with neither of: ${protocols.join(", ")}`);
  if (hostname === "") return refuse("names no host");
  if (search !== "" || hash !== "") return refuse("has options that fnmesh does not know");
  if (port === "0") return refuse("has port 0");
  const host = hostname.replace(/^\[(.*)\]$/, "$1"); // IPv6
  const portNumber = port === "" ? defaultPort : Number(port);
  return {
    protocol,
    host,
    port: portNumber,
    user: decoded(username) ?? refuse("has a user that cannot be read"),
    password: decoded(password) ?? refuse("has a password that cannot be read"),
    path: pathname.replace(/^\//, ""),
    shown: `${hostname}:${portNumber}`,
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // A bare % in it.
  }
}
