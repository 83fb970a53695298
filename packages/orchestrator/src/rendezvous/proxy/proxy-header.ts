// The PROXY protocol's header, both versions: what a balancer says, before anything else, of whom it connects. Pure.
//
//   version 1:  PROXY TCP4 203.0.113.7 10.0.0.5 41234 7420\r\n     (or TCP6, or UNKNOWN and anything)
//   version 2:  signature (12) | version and command (1) | family and protocol (1) | length (2, big endian) | addresses, TLVs
//
// https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, sections 2.1 and 2.2. A header is believed only when it is
// whole and exact: two readings of one line would be two opinions of where a worker is.

import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Endpoint } from "@fnmesh/core/internal";
import { normaliseAddress } from "../address.ts";

export type ProxyHeader =
  /** What has come may be the beginning of one. */
  | { readonly is: "partial" }
  /** The first `bytes` are the header. Without `from` the proxy connects for itself: it asks for health. */
  | { readonly is: "whole"; readonly bytes: number; readonly from?: Endpoint }
  | { readonly is: "malformed"; readonly why: string };

/** Section 2.1: with two IPv6 addresses and the line's end. */
const mostTextBytes = 107;
/** Addresses take 36, a balancer's own fields some dozens, a client certificate's some hundreds. */
export const mostBinaryBytes = 4096;

const textStart = Buffer.from("PROXY ");
export const binarySignature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const fixedBytes = binarySignature.length + 4;

const partial: ProxyHeader = { is: "partial" };
const malformed = (why: string): ProxyHeader => ({ is: "malformed", why });

/** What the bytes of a connection begin with, however few have come. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (begins(buffer, binarySignature)) return buffer.length < fixedBytes ? partial : readBinary(buffer);
  if (begins(buffer, textStart)) return readText(buffer);
  return malformed("it does not begin with a header");
}

/** Whether one is the beginning of the other. */
function begins(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readText(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, mostTextBytes).indexOf("\r\n");
  if (end < 0) return bytes.length < mostTextBytes ? partial : malformed("its line has no end");
  const line = bytes.toString("latin1", 0, end);
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { is: "whole", bytes: end + 2 };
  const [, family, ...fields] = line.split(" ");
  const from = family === "TCP4" || family === "TCP6" ? textSource(family, fields) : undefined;
  return from === undefined
    ? malformed("its line is not one of TCP4, TCP6 or UNKNOWN")
    : { is: "whole", bytes: end + 2, from };
}

function textSource(family: "TCP4" | "TCP6", fields: readonly string[]): Endpoint | undefined {
  const [source = "", destination = "", sourcePort = "", destinationPort = ""] = fields;
  const isAddress = family === "TCP4" ? isIPv4 : isPlainIPv6;
  const ports = [sourcePort, destinationPort].map(portOf);
  if (fields.length !== 4 || !isAddress(source) || !isAddress(destination)) return undefined;
  return ports.includes(undefined) ? undefined : endpointOf(source, ports[0]!);
}

/** Zones are one machine's own. */
const isPlainIPv6 = (address: string): boolean => isIPv6(address) && !address.includes("%");

const portOf = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

/** Nobody dials from port 0, and who is told of it could not dial there. */
function endpointOf(address: string, port: number): Endpoint | undefined {
  if (port === 0) return undefined;
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  return { host: normaliseAddress(new SocketAddress({ address, family }).address), port };
}

/** Families and protocols whose endpoints can be a worker's, and how many bytes their addresses have. */
const streams: Readonly<Record<number, { readonly name: string; readonly addressBytes: number }>> = {
  17: { name: "TCP over IPv4", addressBytes: 4 },
  33: { name: "TCP over IPv6", addressBytes: 16 },
};
const unspecified = 0x00;
const command = { local: 0x20, proxy: 0x21 } as const;

function readBinary(bytes: Buffer): ProxyHeader {
  const told = bytes[12]!;
  const stream = bytes[13]!;
  const length = bytes.readUInt16BE(14);
  const total = fixedBytes + length;
  if (told !== command.local && told !== command.proxy) return malformed("its version or command is unknown");
  if (total > mostBinaryBytes) return malformed(`it is longer than ${mostBinaryBytes} bytes`);
  if (bytes.length < total) return partial;
  if (told === command.local || stream === unspecified) return { is: "whole", bytes: total };
  const known = streams[stream];
  if (known === undefined) return malformed("it is not of a TCP connection");
  const { name, addressBytes } = known;
  if (length < 2 * addressBytes + 4) return malformed(`it is too short for ${name}`);
  const address = bytes.subarray(fixedBytes, fixedBytes + addressBytes);
  const from = endpointOf(addressText(address), bytes.readUInt16BE(fixedBytes + 2 * addressBytes));
  return from === undefined ? malformed("its source port is 0") : { is: "whole", bytes: total, from };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(":");
}
