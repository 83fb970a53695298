// Who dials, before the handshake: TLS asks for the key at once, and a relay has to ask the orchestrator first. The
// identity stands in the clear in the client's first record. What is read here proves nothing and decides nothing:
// the handshake does, which reads the same bytes again.

import type { Socket } from "@fnmesh/core/internal";
import { type ConnectionIdentity, parseConnectionIdentity } from "@fnmesh/core/protocol";
import { firstBytes } from "../../rendezvous/first-bytes.ts";

const recordHeaderBytes = 5;
const handshakeRecord = 0x16;
/** RFC 8446, section 5.1. */
const mostRecordBytes = 16 * 1024;
const prefix = Buffer.from("fnmesh/1 relay ");

/** Undefined when there is none to be seen. Rejects with the signal's reason. The bytes stay in the socket. */
export async function peekIdentity(
  socket: Socket,
  signal: AbortSignal,
): Promise<ConnectionIdentity | undefined> {
  const record = await firstBytes(socket, signal, isWhole);
  if (socket.readableEnded) return undefined; // There will be no handshake.
  if (record.length > 0) socket.unshift(record);
  const at = record.indexOf(prefix);
  if (at < 2) return undefined;
  // PskIdentity: u16 length, then the identity (RFC 8446, section 4.2.11).
  const length = record.readUInt16BE(at - 2);
  if (at + length > record.length) return undefined;
  return parseConnectionIdentity(record.toString("latin1", at, at + length));
}

/** The first record is whole, or can never be one. */
function isWhole(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  if (bytes[0] !== handshakeRecord) return true;
  if (bytes.length < recordHeaderBytes) return false;
  const length = bytes.readUInt16BE(3);
  return length > mostRecordBytes || bytes.length >= recordHeaderBytes + length;
}
