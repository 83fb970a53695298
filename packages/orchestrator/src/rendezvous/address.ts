// From where a connection comes, in the form in which workers are told of it and limits count it.

import type { Endpoint, Net } from "@fnmesh/core/internal";

/** An IPv4 address that a dual-stack socket shows as IPv6 (RFC 4291, section 2.5.5.2) is the IPv4 address. */
export const normaliseAddress = (address: string): string =>
  /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1] ?? address;

/** Undefined for a connection that was reset before it was looked at. */
export function remoteEndpoint(socket: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): Endpoint | undefined {
  const { remoteAddress: host, remotePort: port } = socket;
  return host === undefined || port === undefined ? undefined : { host: normaliseAddress(host), port };
}

/** What one party can hold of addresses: an IPv4 address, or an IPv6 /64, out of which anybody picks at will. */
export function addressGroup(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** Whether workers can be told to dial this: a plain address, no name and no zone of one machine. */
export const isPlainAddress = (host: string): boolean => /^[0-9a-f.:]{2,45}$/i.test(host);

const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** What workers dial when a server listens on all of its addresses. */
export const reachable = (host: string, net: Net): string =>
  wildcards.has(host) ? (net.hostAddresses()[0] ?? "127.0.0.1") : host;
