// A NAT as a pure function: a table of mappings in, a table and a verdict out. The words and rules are those of
// RFC 4787 (mapping and filtering) and RFC 5382 (TCP); what a NAT does is data, so that any NAT can be described.

import type { Endpoint } from "../env/env.ts";
import type { NatBehaviour } from "../nat/nat.ts";

export interface NatModel extends NatBehaviour {
  /** What becomes of a packet from outside that matches nothing. */
  readonly unsolicited: "drop" | "reset";
  /** Whether a mapping gets the internal port where it is free (RFC 4787, section 4.2.1), or any. */
  readonly ports: "preserving" | "random";
  /** A mapping that carried nothing for this long is gone. RFC 5382, REQ-5: not less than 2 hours 4 minutes. */
  readonly idleMs: number;
}

export interface NatMapping {
  readonly internal: Endpoint;
  readonly externalPort: number;
  /** When each remote endpoint was last sent to or heard from: what filtering goes by. */
  readonly remotes: ReadonlyMap<string, Remote>;
  readonly usedMs: number;
}

interface Remote {
  readonly endpoint: Endpoint;
  readonly usedMs: number;
}

export interface NatTable {
  /** By internal endpoint, and by as much of the destination as the mapping depends on. */
  readonly byKey: ReadonlyMap<string, NatMapping>;
  readonly keyByPort: ReadonlyMap<number, string>;
}

export const emptyNatTable: NatTable = { byKey: new Map(), keyByPort: new Map() };

export const firstNatPort = 1024;
export const lastNatPort = 65_535;
/** Stamps are refreshed at most this often: a table is copied only when it says something new. */
const stampGrainMs = 1000;

export const endpointText = ({ host, port }: Endpoint): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

const dependsOn = {
  "endpoint-independent": () => "",
  "address-dependent": ({ host }: Endpoint) => host,
  "address-and-port-dependent": endpointText,
} as const;

const keyOf = (model: NatModel, internal: Endpoint, destination: Endpoint): string =>
  `${endpointText(internal)} ${dependsOn[model.mapping](destination)}`;

const expired = (model: NatModel, usedMs: number, nowMs: number): boolean => nowMs - usedMs >= model.idleMs;

export interface Flow {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

export type Outbound =
  | { readonly verdict: "forward"; readonly table: NatTable; readonly externalPort: number }
  | { readonly verdict: "exhausted"; readonly table: NatTable };

/**
 * A packet from inside. Makes the mapping where there is none, and notes the destination. `pick(from, to)` draws a
 * whole number for the port of a new mapping.
 */
export function natOutbound(
  model: NatModel,
  table: NatTable,
  { from, to }: Flow,
  nowMs: number,
  pick: (from: number, to: number) => number,
): Outbound {
  const key = keyOf(model, from, to);
  const known = table.byKey.get(key);
  if (known !== undefined && !expired(model, known.usedMs, nowMs)) {
    return {
      verdict: "forward",
      table: touch(table, key, known, to, nowMs),
      externalPort: known.externalPort,
    };
  }
  const swept = sweep(model, table, nowMs);
  const externalPort = choosePort(model, swept, from.port, pick);
  if (externalPort === undefined) return { verdict: "exhausted", table: swept };
  const mapping = { internal: from, externalPort, remotes: new Map(), usedMs: nowMs };
  const keyByPort = new Map(swept.keyByPort).set(externalPort, key);
  return { verdict: "forward", table: touch({ ...swept, keyByPort }, key, mapping, to, nowMs), externalPort };
}

export type Inbound =
  | { readonly verdict: "forward"; readonly table: NatTable; readonly internal: Endpoint }
  | { readonly verdict: "drop" | "reset"; readonly table: NatTable };

/** A packet from outside, or from inside by way of hairpinning. Never makes a mapping. */
export function natInbound(model: NatModel, table: NatTable, { from, to }: Flow, nowMs: number): Inbound {
  const key = table.keyByPort.get(to.port);
  const mapping = key === undefined ? undefined : table.byKey.get(key);
  if (key === undefined || mapping === undefined || !admits(model, mapping, from, nowMs)) {
    return { verdict: model.unsolicited, table };
  }
  // Only a remote that was sent to is kept alive: RFC 4787, REQ-6, leaves inbound refresh open, and strangers must not.
  const next = mapping.remotes.has(endpointText(from)) ? touch(table, key, mapping, from, nowMs) : table;
  return { verdict: "forward", table: next, internal: mapping.internal };
}

/** A reset passed between an internal endpoint and `remote`: the pinhole closes, the mapping stays. */
export function natClose(model: NatModel, table: NatTable, internal: Endpoint, remote: Endpoint): NatTable {
  const key = keyOf(model, internal, remote);
  const mapping = table.byKey.get(key);
  if (mapping === undefined || !mapping.remotes.has(endpointText(remote))) return table;
  const remotes = new Map(mapping.remotes);
  remotes.delete(endpointText(remote));
  return { ...table, byKey: new Map(table.byKey).set(key, { ...mapping, remotes }) };
}

function admits(model: NatModel, mapping: NatMapping, from: Endpoint, nowMs: number): boolean {
  if (expired(model, mapping.usedMs, nowMs)) return false;
  if (model.filtering === "endpoint-independent") return true;
  if (model.filtering === "address-and-port-dependent") {
    const remote = mapping.remotes.get(endpointText(from));
    return remote !== undefined && !expired(model, remote.usedMs, nowMs);
  }
  for (const remote of mapping.remotes.values()) {
    if (remote.endpoint.host === from.host && !expired(model, remote.usedMs, nowMs)) return true;
  }
  return false;
}

function touch(table: NatTable, key: string, mapping: NatMapping, remote: Endpoint, nowMs: number): NatTable {
  const name = endpointText(remote);
  const seen = mapping.remotes.get(name);
  if (seen !== undefined && nowMs - seen.usedMs < stampGrainMs) return table;
  const remotes = new Map(mapping.remotes).set(name, { endpoint: remote, usedMs: nowMs });
  return { ...table, byKey: new Map(table.byKey).set(key, { ...mapping, remotes, usedMs: nowMs }) };
}

function sweep(model: NatModel, table: NatTable, nowMs: number): NatTable {
  const alive = [...table.byKey].filter(([, mapping]) => !expired(model, mapping.usedMs, nowMs));
  if (alive.length === table.byKey.size) return table;
  return {
    byKey: new Map(alive),
    keyByPort: new Map(alive.map(([key, mapping]) => [mapping.externalPort, key])),
  };
}

/** A free external port. Two mappings never share one: RFC 4787, REQ-3, forbids overloading. */
function choosePort(
  model: NatModel,
  table: NatTable,
  internalPort: number,
  pick: (from: number, to: number) => number,
): number | undefined {
  const count = lastNatPort - firstNatPort + 1;
  const wanted =
    model.ports === "preserving" && internalPort >= firstNatPort
      ? internalPort
      : pick(firstNatPort, lastNatPort + 1);
  for (let step = 0; step < count; step += 1) {
    const port = firstNatPort + ((wanted - firstNatPort + step) % count);
    if (!table.keyByPort.has(port)) return port;
  }
  return undefined;
}
