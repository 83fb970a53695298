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
  const total = parts.reduce((sum, { bytes }) => sum + headBytes + aligned(bytes.length), 0);
  const packed = new Uint8Array(total);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { kind, bytes } of parts) {
    packed[at] = kind;
    view.setUint32(at + 4, bytes.length, true);
    packed.set(bytes, at + headBytes);
    at += headBytes + aligned(bytes.length);
  }
  return { kind: valueKind.bytes, bytes: packed };
}

/** The parts share the message's memory. Throws PROTOCOL. */
export function unpackParts({ bytes }: Part): Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = at + headBytes <= bytes.length ? view.getUint32(at + 4, true) : Infinity;
    const begin = at + headBytes;
    if (begin + length > bytes.length) {
      throw new FnmeshError("PROTOCOL", "a message of several parts that ends within one");
    }
    parts.push({ kind: bytes[at]!, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + begin, length) });
    at = begin + aligned(length);
  }
  return parts;
}
