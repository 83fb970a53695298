// Where the stores of a run are, and how their settings read from inside a NAT lab, which knows one address of the
// outside: that of its gate. Pure.

import { FnmeshError } from "@fnmesh/core";
import { pathOf, type StoreRung } from "@fnmesh/core/protocol";
import type { S3Settings, StoreSettings } from "@fnmesh/stores";

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** By path: both layouts of S3 are one store. */
export type Targets = ReadonlyMap<string, Target>;

const usualPorts: Readonly<Record<string, number>> = {
  "redis:": 6379,
  "memcached:": 11_211,
  "http:": 80,
};

const rungsOf = (stores: StoreSettings) => Object.keys(stores) as StoreRung[];

/** Absent: AWS, which is reached over TLS only. */
function addressOf(stores: StoreSettings, rung: StoreRung): URL | undefined {
  const settings = stores[rung] as { readonly url?: string } & Partial<S3Settings>;
  const address = settings.url ?? settings.endpoint;
  return address === undefined ? undefined : new URL(address);
}

/** Where the gate has to lead to. Stores that it cannot lead to are not in it. */
export function targetsOf(stores: StoreSettings): Targets {
  return new Map(
    rungsOf(stores).flatMap((rung): [string, Target][] => {
      const url = addressOf(stores, rung);
      const usualPort = url && usualPorts[url.protocol];
      if (url === undefined || usualPort === undefined) return [];
      const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
      return [[pathOf(rung), { host, port: url.port === "" ? usualPort : Number(url.port) }]];
    }),
  );
}

/**
 * The stores that a lab can use. A certificate is for the store's own name, which the gate does not have: a store
 * behind TLS is left out where the channel chooses by itself, and INVALID_ARGUMENT where it was asked for.
 */
export function storesForLab(stores: StoreSettings, asked: readonly StoreRung[] | "auto"): StoreSettings {
  const targets = targetsOf(stores);
  const beyond = rungsOf(stores).filter((rung) => !targets.has(pathOf(rung)));
  const missed = asked === "auto" ? undefined : beyond.find((rung) => asked.includes(rung));
  if (missed !== undefined) {
    throw new FnmeshError(
      "INVALID_ARGUMENT",
      `${missed} over TLS cannot be reached from behind the lab's NATs`,
      {
        hint: "Use a store without TLS, or run without a lab: --nat none.",
      },
    );
  }
  return Object.fromEntries(Object.entries(stores).filter(([rung]) => !beyond.includes(rung as StoreRung)));
}

/** The settings with the gate's host, and its port for each store, in the place of the stores' own. */
export function throughGate(
  stores: StoreSettings,
  host: string,
  ports: ReadonlyMap<string, number>,
): StoreSettings {
  const moved = (address: string, port: number) => {
    const url = new URL(address);
    url.host = `${host}:${port}`;
    return url.href;
  };
  return Object.fromEntries(
    Object.entries(stores).map(([rung, settings]) => {
      const port = ports.get(pathOf(rung as StoreRung));
      if (port === undefined) return [rung, settings];
      const { url, endpoint } = settings;
      if (url !== undefined) return [rung, { ...settings, url: moved(url, port) }];
      // S3's signature holds the host that the client dials, which the store then sees: they agree.
      return [rung, { ...settings, endpoint: moved(endpoint, port).replace(/\/$/, "") }];
    }),
  );
}
