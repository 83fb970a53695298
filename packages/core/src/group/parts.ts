// Several parts in one message, each at a multiple of eight bytes: so that arrays need not be moved to be read.
//
//   0      1   4        8
//   +------+---+--------+-------- - -+------+-- - -
//   | kind | 0 | length | bytes …  0 | kind | …
//   +------+---+--------+-------- - -+------+-- - -
//    u8         u32 le

import { FnmeshError } from "../errors/errors.ts";
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
    const begin = at + headBytes;
    packed.set(bytes, begin);
    at = begin + aligned(bytes.length);
    packed.fill(0, begin + bytes.length, at); // Of the pool, and nobody's business.
  }
  return { kind: valueKind.bytes, bytes: packed };
}

/** The parts share the message's memory. Throws PROTOCOL. */
export function unpackParts({ bytes }: Part): Part[] {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const ends = endsOf(packed);
  return ends.map((_, index) => {
    const at = index === 0 ? 0 : ends[index - 1]!;
    const length = packed.readUInt32LE(at + 4);
    return {
      kind: packed[at]!,
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + at + headBytes, length),
    };
  });
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
function endsOf(packed: Buffer): number[] {
  const ends: number[] = [];
  let at = 0;
  while (at < packed.length) {
    const length = at + headBytes <= packed.length ? packed.readUInt32LE(at + 4) : Infinity;
    const begin = at + headBytes;
    if (begin + length > packed.length) {
      throw new FnmeshError("PROTOCOL", "a message of several parts that ends within one");
    }
    at = begin + aligned(length);
    ends.push(at);
  }
  return ends;
}
