// Lists of arrays of one type, reduced as one array: an array for each member would cost a message, a decoding and a
// combination for each. What one member sends to rank 0:
//
//   0      1   4       8
//   +------+---+-------+-------------------+-- - -+-------------- - -
//   | kind | 0 | count | length of each …  | 0    | all of them …
//   +------+---+-------+-------------------+-- - -+-------------- - -
//    u8         u32 le  u32 le, in elements  to a multiple of eight bytes

import { decodePart, type Exchange, encodePart, type Part } from "./exchange.ts";
import { differ, listKind } from "./forms.ts";
import { type Combiner, copyArray, isNumericArray, type NumericArray } from "./operation.ts";
import { othersOf } from "./tree.ts";

export interface ArrayList {
  readonly part: Part;
  /** In elements, of each array. */
  readonly lengths: readonly number[];
}

const headBytesOf = (count: number): number => (8 + 4 * count + 7) & ~7;

/** Undefined for anything but arrays of one type. */
export function packList(values: readonly unknown[]): ArrayList | undefined {
  const first = values[0];
  if (!isNumericArray(first)) return undefined;
  const lengths: number[] = [];
  let total = 0;
  for (const value of values as readonly NumericArray[]) {
    if (!isNumericArray(value) || value.constructor !== first.constructor) return undefined;
    lengths.push(value.length);
    total += value.byteLength;
  }
  const headBytes = headBytesOf(values.length);
  const bytes = Buffer.allocUnsafe(headBytes + total).fill(0, 0, headBytes);
  const { kind } = encodePart(first);
  bytes[0] = kind;
  bytes.writeUInt32LE(values.length, 4);
  for (let at = 0; at < lengths.length; at += 1) bytes.writeUInt32LE(lengths[at]!, 8 + 4 * at);
  copyInto(bytes, headBytes, values as readonly NumericArray[]);
  return { part: { kind: listKind, bytes }, lengths };
}

/** One after the other, from `at` to the end; at once where they lie so already, as the parts of one array do. */
function copyInto(target: Uint8Array, at: number, arrays: readonly NumericArray[]): void {
  if (areNeighbours(arrays)) {
    const { buffer, byteOffset } = arrays[0]!;
    target.set(new Uint8Array(buffer, byteOffset, target.length - at), at);
    return;
  }
  let next = at;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    target.set(new Uint8Array(buffer, byteOffset, byteLength), next);
    next += byteLength;
  }
}

function areNeighbours(arrays: readonly NumericArray[]): boolean {
  const { buffer, byteOffset } = arrays[0]!;
  let next = byteOffset;
  for (const array of arrays) {
    if (array.buffer !== buffer || array.byteOffset !== next) return false;
    next += array.byteLength;
  }
  return true;
}

/** At rank 0 the combined arrays; undefined elsewhere. In the order of ranks. Throws INVALID_ARGUMENT. */
export async function reduceLists(
  { rank, size, send, receive }: Exchange,
  { part, lengths }: ArrayList,
  { combine }: Combiner,
): Promise<NumericArray[] | undefined> {
  if (rank > 0) {
    await send(0, part);
    return undefined;
  }
  const headBytes = headBytesOf(lengths.length);
  const head = part.bytes.subarray(0, headBytes);
  const elementsOf = ({ bytes }: Part) => decodePart({ kind: head[0]!, bytes: bytes.subarray(headBytes) });
  let sum = elementsOf(part);
  for (const received of othersOf(0, size).map((other) => receive(other))) {
    const theirs = await received;
    if (theirs.kind !== listKind || Buffer.compare(theirs.bytes.subarray(0, headBytes), head) !== 0)
      throw differ();
    // Into what packed this member's own: nobody else has it.
    sum = combine(sum, elementsOf(theirs), sum);
  }
  let at = 0;
  return lengths.map((length, rank) => {
    at += length;
    const array = (sum as NumericArray).subarray(at - length, at) as NumericArray;
    return rank === 0 ? copyArray(array) : array; // That one stays here, as the user's.
  });
}
