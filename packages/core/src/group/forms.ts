// How the messages of a reduction say what they are. Members choose an algorithm by what they brought themselves; if that
// differs in length, one may send a whole array where another waits for a block. Both could have the same length, so the
// kind tells them apart, and whoever meets the other form says what is wrong, instead of waiting or adding up nonsense:
//
//   kind   of a value  + 16 of a block of one, or of a segment  + 48 of a segment that is not the last
//          28 of a bundle  29 of a note (see compareLengths)  30 of a list (see lists.ts)

import { FnmeshError } from "../errors/errors.ts";
import type { Choices } from "./choices.ts";
import { decodePart, type Exchange, encodePart, type Part } from "./exchange.ts";
import type { NumericArray } from "./operation.ts";
import { packParts, unpackParts } from "./parts.ts";
import { othersOf } from "./tree.ts";

/** No value's kind has this bit, and no array's kind the other. */
const pieceBit = 16;
const moreBit = 32;
const bundleKind = pieceBit | 12;
const noteKind = pieceBit | 13;
export const listKind = pieceBit | 14;

export const encodePiece = (value: unknown): Part => {
  const { kind, bytes } = encodePart(value);
  return { kind: kind | pieceBit, bytes };
};

/** Throws INVALID_ARGUMENT when it is a piece. */
export function decodeWhole(part: Part): unknown {
  if ((part.kind & pieceBit) !== 0) throw differ();
  return decodePart(part);
}

/** Throws INVALID_ARGUMENT when it is a whole value. */
export function decodePiece({ kind, bytes }: Part): unknown {
  if ((kind & pieceBit) === 0 || (kind >= bundleKind && kind <= listKind)) throw differ();
  return decodePart({ kind: kind & ~pieceBit, bytes });
}

/** Of an array; the last segment is a piece like another. */
export function encodeSegment(segment: NumericArray, last: boolean): Part {
  const { kind, bytes } = encodePiece(segment);
  return { kind: last ? kind : kind | moreBit, bytes };
}

/** Throws INVALID_ARGUMENT when it is a whole value, or not the last where that is due. */
export function decodeSegment(part: Part, last: boolean): unknown {
  if (((part.kind & moreBit) === 0) !== last) throw differ();
  return decodePiece({ kind: part.kind & ~moreBit, bytes: part.bytes });
}

/** Pieces of several values, or of one list. */
export const encodeBundle = (values: readonly unknown[]): Part => ({
  kind: bundleKind,
  bytes: packParts(values.map(encodePart)).bytes,
});

/** Throws INVALID_ARGUMENT when it is anything else. */
export function decodeBundle(part: Part): unknown[] {
  if (part.kind !== bundleKind) throw differ();
  return unpackParts(part).map(decodePart);
}

/**
 * Where small values go straight to one member (`top`), it would wait for that of a member whose own is large, and who
 * sends to others. So those who do that tell it first how long their arrays are. Call it before anything is received.
 */
async function compareLengths(
  { rank, size, send, receive }: Exchange,
  length: number,
  top: number,
): Promise<void> {
  const note = { kind: noteKind, bytes: new Uint8Array(Float64Array.of(length).buffer) };
  if (rank !== top) return await send(top, note);
  const notes = othersOf(top, size).map((other) => receive(other));
  for (const { kind, bytes } of await Promise.all(notes)) {
    if (kind !== noteKind || Buffer.compare(bytes, note.bytes) !== 0) throw differ();
  }
}

/** `act`, where those who bring small values would send them to `top` itself. */
export async function comparedFirst<T>(
  exchange: Exchange,
  choices: Choices,
  length: number,
  act: () => Promise<T>,
  top = 0,
): Promise<T> {
  if (!choices.flat(exchange.size)) return await act();
  const [, result] = await Promise.all([compareLengths(exchange, length, top), act()]);
  return result;
}

export const differ = () =>
  new FnmeshError("INVALID_ARGUMENT", "members of the group brought arrays of different lengths", {
    hint: "All members must bring values of one type, and arrays of one length.",
  });
