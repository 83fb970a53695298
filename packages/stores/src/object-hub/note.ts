// What a writer tells a reader, by way of their control connections (integers little-endian):
//
//   note:     | 1 | from: attempt u16 | to: attempt u16 | entry …
//   frame:    | 0 | number u32 | header (20) |                                    a frame without payload
//   payload:  | 1 | number u32 | header (20) | object u32 | offset u32 |           its payload is there
//   run:      | 2 | number u32 | count u32 | object u32 | offset u32 | length u32 |   whole frames, one after the other
//
// `number` counts the frames of the pair in this direction, modulo 2^32: objects are written and read side by side,
// frames are taken in by their numbers. `object` is the number of the writer's object (see object-name.ts).

import { FnmeshError } from "@fnmesh/core";
import { decodePeerHeader, type PeerHeader, peerHeaderBytes } from "@fnmesh/core/internal";

export interface Place {
  readonly object: number;
  readonly offset: number;
  readonly length: number;
}

/** One or more frames of a pair, the first of which has this number. */
export type Entry =
  | { readonly kind: "frame"; readonly number: number; readonly header: PeerHeader }
  | { readonly kind: "payload"; readonly number: number; readonly header: PeerHeader; readonly place: Place }
  | { readonly kind: "run"; readonly number: number; readonly count: number; readonly place: Place };

export interface NoteHead {
  readonly from: number;
  readonly to: number;
}

const version = 1;
export const noteHeadBytes = 5;
const kinds = { frame: 0, payload: 1, run: 2 } as const;
const frameBytes = 5 + peerHeaderBytes;
const payloadBytes = frameBytes + 8;
const runBytes = 21;

export function encodeFrame(number: number, header: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(frameBytes);
  bytes[0] = kinds.frame;
  bytes.writeUInt32LE(number, 1);
  bytes.set(header.subarray(0, peerHeaderBytes), 5);
  return bytes;
}

export function encodePayload(
  number: number,
  header: Uint8Array,
  object: number,
  offset: number,
): Uint8Array {
  const bytes = Buffer.allocUnsafe(payloadBytes);
  bytes[0] = kinds.payload;
  bytes.writeUInt32LE(number, 1);
  bytes.set(header.subarray(0, peerHeaderBytes), 5);
  bytes.writeUInt32LE(object, frameBytes);
  bytes.writeUInt32LE(offset, frameBytes + 4);
  return bytes;
}

export function encodeRun(number: number, count: number, place: Place): Uint8Array {
  const bytes = Buffer.allocUnsafe(runBytes);
  bytes[0] = kinds.run;
  for (const [index, word] of [number, count, place.object, place.offset, place.length].entries()) {
    bytes.writeUInt32LE(word, 1 + 4 * index);
  }
  return bytes;
}

export function encodeNotes(head: NoteHead, entries: readonly Uint8Array[], mostBytes: number): Uint8Array[] {
  const first = Buffer.allocUnsafe(noteHeadBytes);
  first[0] = version;
  first.writeUInt16LE(head.from, 1);
  first.writeUInt16LE(head.to, 3);
  const notes: Uint8Array[] = [];
  let [parts, length]: [Uint8Array[], number] = [[first], noteHeadBytes];
  for (const entry of entries) {
    if (length + entry.length > mostBytes) {
      notes.push(Buffer.concat(parts, length));
      [parts, length] = [[first], noteHeadBytes];
    }
    parts.push(entry);
    length += entry.length;
  }
  return [...notes, Buffer.concat(parts, length)];
}

/** Throws PROTOCOL. */
export function decodeNoteHead(note: Uint8Array): NoteHead {
  if (note.length < noteHeadBytes || note[0] !== version) throw unreadable();
  const view = viewOf(note);
  return { from: view.getUint16(1, true), to: view.getUint16(3, true) };
}

/** Throws PROTOCOL or FRAME_TOO_LARGE. */
export function decodeEntries(note: Uint8Array, mostPayloadBytes: number): Entry[] {
  const view = viewOf(note);
  const entries: Entry[] = [];
  for (let at = noteHeadBytes; at < note.length; ) {
    const length = [frameBytes, payloadBytes, runBytes][note[at]!];
    if (length === undefined || at + length > note.length) throw unreadable();
    entries.push(decodeEntry(note, view, at, mostPayloadBytes));
    at += length;
  }
  return entries;
}

function decodeEntry(note: Uint8Array, view: DataView, at: number, mostPayloadBytes: number): Entry {
  const word = (index: number) => view.getUint32(at + 1 + 4 * index, true);
  const number = word(0);
  if (note[at] === kinds.run) {
    const place = { object: word(2), offset: word(3), length: word(4) };
    return { kind: "run", number, count: word(1), place };
  }
  const header = decodePeerHeader(note, at + 5, mostPayloadBytes);
  const whole = note[at] === kinds.frame;
  if (whole !== (header.payloadBytes === 0)) throw unreadable();
  if (whole) return { kind: "frame", number, header };
  return {
    kind: "payload",
    number,
    header,
    place: { object: word(6), offset: word(7), length: header.payloadBytes },
  };
}

const viewOf = (note: Uint8Array) => new DataView(note.buffer, note.byteOffset, note.byteLength);

const unreadable = () => new FnmeshError("PROTOCOL", "a note about an object that cannot be read");
