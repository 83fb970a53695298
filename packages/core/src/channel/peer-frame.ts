// The frames between two workers. All have one header (integers little-endian), so that a reader always knows how
// much it needs before it can say where the rest shall go:
//
//   0        4      5       6      7   8         12    16      20
//   +--------+------+-------+------+---+---------+-----+-------+----------- - -
//   | length | type | flags | kind | 0 | message | tag | total | payload …
//   +--------+------+-------+------+---+---------+-----+-------+----------- - -
//   length counts what follows it: 16 + payload.

import { FnmeshError, protocolError } from "../errors/errors.ts";
import { readU32 } from "../protocol/frame.ts";

export const peerFrame = {
  /** A chunk of message `message`. The first one says tag, kind and total; offsets follow from the order. */
  data: 1,
  /** Gives back `total` bytes and `message` messages of the receiver's window. */
  window: 2,
  /** The receiver waits for `message`: the rest of it may come without regard to the window. */
  grant: 3,
  ping: 4,
  pong: 5,
  /** No data comes after this one. */
  goodbye: 6,
  /** Everything up to the goodbye has been taken in. */
  goodbyeAck: 7,
  /** From the lower rank: this socket is the pair's one. */
  nominate: 8,
  /** 64 KiB of payload that says nothing: does the path carry full packets? */
  probe: 9,
  probeAck: 10,
  /** The three steps of the authenticated plaintext handshake. */
  auth: 11,
  /** After a change of links: `message` frames (modulo 2^32) of the other side were taken in. See lasting-link.ts. */
  resume: 12,
  /** The same, now and then: the sender need not keep those any longer. */
  ack: 13,
} as const;

const types: ReadonlySet<number> = new Set(Object.values(peerFrame));

export const dataFlag = {
  first: 1,
  last: 2,
  /** The payload counts against the receiver's window. */
  charged: 4,
} as const;
const allFlags = 7;

export const peerHeaderBytes = 20;
/** Large enough that a chunk costs little beside its bytes, small enough that messages share a connection. */
export const mostChunkBytes = 256 * 1024;

export interface PeerHeader {
  type: number;
  flags: number;
  kind: number;
  message: number;
  tag: number;
  total: number;
  payloadBytes: number;
}

export function encodePeerHeader(
  header: Partial<PeerHeader> & Pick<PeerHeader, "type">,
  payloadBytes = header.payloadBytes ?? 0,
  room = 0,
): Buffer {
  const bytes = Buffer.allocUnsafe(peerHeaderBytes + room);
  bytes.writeUInt32LE(peerHeaderBytes - 4 + payloadBytes, 0);
  bytes[4] = header.type;
  bytes[5] = header.flags ?? 0;
  bytes[6] = header.kind ?? 0;
  bytes[7] = 0;
  bytes.writeUInt32LE(header.message ?? 0, 8);
  bytes.writeUInt32LE(header.tag ?? 0, 12);
  bytes.writeUInt32LE(header.total ?? 0, 16);
  return bytes;
}

/** Throws PROTOCOL or FRAME_TOO_LARGE, before any memory is taken for the payload. */
export function decodePeerHeader(bytes: Uint8Array, at = 0, mostPayloadBytes = mostChunkBytes): PeerHeader {
  const length = readU32(bytes, at);
  const type = bytes[at + 4]!;
  const flags = bytes[at + 5]!;
  if (length < peerHeaderBytes - 4 || !types.has(type) || flags > allFlags || bytes[at + 7] !== 0) {
    throw protocolError(`a peer frame that cannot be read: type ${type}, length ${length}`);
  }
  const payloadBytes = length - (peerHeaderBytes - 4);
  if (payloadBytes > mostPayloadBytes) {
    throw new FnmeshError("FRAME_TOO_LARGE", `a peer frame with ${payloadBytes} bytes of payload`);
  }
  return {
    type,
    flags,
    kind: bytes[at + 6]!,
    message: readU32(bytes, at + 8),
    tag: readU32(bytes, at + 12),
    total: readU32(bytes, at + 16),
    payloadBytes,
  };
}
