// Whether workers on a platform can dial the address that they are told. Pure.

import { FnmeshError } from "@fnmesh/core";

export interface Reach {
  readonly provider: string;
  /** As it was typed; undefined: loopback. */
  readonly listen: string | undefined;
  readonly advertise: string | undefined;
  /** Of this machine, those that others may know it by, the likeliest first. */
  readonly hostAddresses: readonly string[];
  /** How the address to listen on is given. */
  readonly flag: "--listen" | "--host";
}

const loopback = /^(127\.[\d.]+|::1|localhost\.?)$/i;
const wildcards: readonly string[] = ["0.0.0.0", "::"];
/** RFC 1918, RFC 6598, link-local, and unique local addresses of IPv6. */
const closed =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]|fe80:)/i;

/**
 * Resolves what workers are told, and a warning where only some can dial it. Loopback is right for platforms on this
 * machine alone, so it has to be named. Throws USAGE.
 *
 * @example
 * reachOf({ provider: "aws", listen: "0.0.0.0", advertise: "203.0.113.5", hostAddresses: [], flag: "--listen" });
 * // { told: "203.0.113.5", warning: undefined }
 */
export function reachOf({ provider, listen, advertise, hostAddresses, flag }: Reach): {
  readonly told: string;
  readonly warning: string | undefined;
} {
  const isWildcard = listen !== undefined && wildcards.includes(listen);
  const found = isWildcard ? hostAddresses[0] : listen;
  const told = advertise ?? found ?? "127.0.0.1";
  const isNamed = told === advertise || told === listen;
  if (loopback.test(told) && !isNamed) throw unreachable(provider, told, flag);
  if (isNamed || !closed.test(told)) return { told, warning: undefined };
  const warning = `functions on ${provider} are told to dial ${told}, which only networks joined to this one can; --advertise names another address`;
  return { told, warning };
}

const unreachable = (provider: string, told: string, flag: Reach["flag"]) =>
  new FnmeshError("USAGE", `functions on ${provider} cannot dial ${told}, which is this machine alone`, {
    hint:
      `Give an address that they can dial: ${flag} 0.0.0.0 --advertise 203.0.113.5, with the port open. ` +
      "Or keep an orchestrator in the cloud: fnmesh serve there, and fnmesh run --orchestrator URL here.",
  });
