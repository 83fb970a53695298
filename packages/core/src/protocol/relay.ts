// What goes over a worker's relay connection: frames of its peers, each under the rank of the other end. The
// orchestrator replaces the receiver's rank by the sender's and reads nothing else.
//
//   type 1 data:  rank u32 | one whole peer frame …
//   type 2 ready: empty; the orchestrator's first frame, when the connection is accepted

import { protocolError } from "../errors/errors.ts";
import { encodeFrame, type Frame, frameHeaderBytes, readU32 } from "./frame.ts";

export const relayFrame = { data: 1, ready: 2 } as const;

/** A peer frame on the relay carries at most this much payload: small, so that pairs share the relay fairly. */
export const relayChunkBytes = 64 * 1024;
export const mostRelayFrameBytes = relayChunkBytes + 1024;
const rankBytes = 4;

export interface RelayData {
  readonly rank: number;
  readonly bytes: Uint8Array;
}

/** Header and parts of one peer frame, as one relay frame. */
export function encodeRelayData(rank: number, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = new Uint8Array(frameHeaderBytes + rankBytes + size);
  const view = new DataView(frame.buffer);
  view.setUint32(0, 1 + rankBytes + size, true);
  frame[4] = relayFrame.data;
  view.setUint32(frameHeaderBytes, rank, true);
  let at = frameHeaderBytes + rankBytes;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

export const encodeRelayReady = (): Uint8Array => encodeFrame(relayFrame.ready, new Uint8Array(0));

/** Throws PROTOCOL. The bytes are a view into the frame. */
export function decodeRelayData(frame: Frame): RelayData {
  if (frame.type !== relayFrame.data || frame.body.length < rankBytes) {
    throw protocolError(`an unknown or short relay frame, type ${frame.type}`);
  }
  return { rank: readU32(frame.body, 0), bytes: frame.body.subarray(rankBytes) };
}
