// Several parts in one message, each at a multiple of eight bytes: so that arrays need not be moved to be read.
//
//   0      1   4        8
//   +------+---+--------+-------- - -+------+-- - -
//   | kind | 0 | length | bytes …  0 | kind | …
//   +------+---+--------+-------- - -+------+-- - -
//    u8         u32 le

import { FnmeshError } from "../errors/errors.ts";
import { readU32 } from "../protocol/frame.ts";
import { valueKind } from "../values/values.ts";
import type { Part } from "./exchange.ts";

const headBytes = 8;
const aligned = (length: number): number => (length + 7) & ~7;

export function packParts(parts: readonly Part[]): Part {
  let total = 0;
  for (const { bytes } of parts) total += headBytes + aligned(bytes.length);
  // From the pool of small buffers: an ArrayBuffer of its own costs more than all that is written into it.
  const packed = Buffer.allocUnsafe(total);
  let at = 0;
  for (const { kind, bytes } of parts) {
    packed.writeUInt32LE(kind, at);
    packed.writeUInt32LE(bytes.length, at + 4);
    packed.set(bytes, at + headBytes);
    const end = at + headBytes + bytes.length;
    at += headBytes + aligned(bytes.length);
    if (end < at) packed.fill(0, end, at); // Of the pool, and nobody's business.
  }
  return { kind: valueKind.bytes, bytes: packed };
}

/** The parts share the message's memory. Throws PROTOCOL. */
export function unpackParts({ bytes }: Part): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    const begin = bytes.byteOffset + at + headBytes;
    parts.push({ kind: bytes[at]!, bytes: new Uint8Array(bytes.buffer, begin, length) });
    at += headBytes + aligned(length);
  }
  return parts;
}

/** Rows of a table as messages become its columns, as messages: no part of it is looked into. Throws PROTOCOL. */
export function transposeParts(rows: readonly Part[]): Part[] {
  const packed = rows.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const ends = packed.map(endsOf);
  const beginOf = (from: number, to: number): number => (to === 0 ? 0 : ends[from]![to - 1]!);
  return rows.map((_, to) => {
    let total = 0;
    for (const [from, row] of ends.entries()) {
      if (row.length !== rows.length) throw new FnmeshError("PROTOCOL", `a row of ${row.length} parts`);
      total += row[to]! - beginOf(from, to);
    }
    const column = Buffer.allocUnsafeSlow(total); // One of them stays here, as somebody's arrays.
    let at = 0;
    for (const [from, row] of packed.entries()) {
      at += row.copy(column, at, beginOf(from, to), ends[from]![to]!);
    }
    return { kind: valueKind.bytes, bytes: column };
  });
}

/** Where each part ends, and so the next one begins. */
function endsOf(packed: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 0; at < packed.length; ends.push(at)) at += headBytes + aligned(lengthAt(packed, at));
  return ends;
}

/** Of the part whose head is there. */
function lengthAt(packed: Uint8Array, at: number): number {
  const length = at + headBytes <= packed.length ? readU32(packed, at + 4) : Number.POSITIVE_INFINITY;
  if (at + headBytes + length <= packed.length) return length;
  throw new FnmeshError("PROTOCOL", "a message of several parts that ends within one");
}
