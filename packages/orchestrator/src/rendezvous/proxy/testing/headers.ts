// Headers as balancers write them, for tests.

import { isIPv4 } from "node:net";
import type { Endpoint } from "@fnmesh/core/internal";
import { binarySignature } from "../proxy-header.ts";

const destination = (from: string): string => (isIPv4(from) ? "10.0.0.5" : "2001:db8::5");

export const textHeader = ({ host, port }: Endpoint): Buffer =>
  Buffer.from(`PROXY ${isIPv4(host) ? "TCP4" : "TCP6"} ${host} ${destination(host)} ${port} 7420\r\n`);

/** `fields` are what stands behind the addresses: a balancer's own. */
export function binaryHeader({ host, port }: Endpoint, fields: Uint8Array = new Uint8Array(0)): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(7420, 2);
  const body = Buffer.concat([octets(host), octets(destination(host)), ports, fields]);
  const fixed = Buffer.from([0x21, isIPv4(host) ? 0x11 : 0x21, body.length >> 8, body.length & 255]);
  return Buffer.concat([binarySignature, fixed, body]);
}

/** What a balancer sends when it asks for health. */
export const healthHeader = Buffer.concat([binarySignature, Buffer.from([0x20, 0, 0, 0])]);

function octets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = groupsWithoutDots(address).split("::");
  const [left, right] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array<string>(8 - left!.length - right!.length).fill("0");
  const groups = [...left!, ...zeros, ...right!].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
const groupsWithoutDots = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...four: string[]) => {
    const [a, b, c, d] = four.slice(0, 4).map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
