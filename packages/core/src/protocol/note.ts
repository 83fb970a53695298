// A note: a few bytes from one worker to another by way of their control connections. The orchestrator replaces the
// receiver's rank by the sender's and reads nothing else.
//
//   body of a control frame of type 3:  rank u32 | bytes …

import { FnmeshError, protocolError } from "../errors/errors.ts";
import { encodeFrame, readU32 } from "./frame.ts";

export const mostNoteBytes = 16 * 1024;
const rankBytes = 4;

export interface Note {
  /** Whom it is for, on the way to the orchestrator; whom it is from, on the way to a worker. */
  readonly rank: number;
  readonly bytes: Uint8Array;
}

/** Throws LIMIT when it is too long. */
export function encodeNote(type: number, { rank, bytes }: Note): Uint8Array {
  if (bytes.length > mostNoteBytes) throw new FnmeshError("LIMIT", `a note of ${bytes.length} bytes`);
  const body = new Uint8Array(rankBytes + bytes.length);
  new DataView(body.buffer).setUint32(0, rank, true);
  body.set(bytes, rankBytes);
  return encodeFrame(type, body);
}

/** Throws PROTOCOL. The bytes are a view into `body`. */
export function decodeNote(body: Uint8Array): Note {
  if (body.length < rankBytes || body.length > rankBytes + mostNoteBytes) {
    throw protocolError(`a note of ${body.length} bytes`);
  }
  return { rank: readU32(body, 0), bytes: body.subarray(rankBytes) };
}
