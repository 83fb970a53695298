// Several parts in one message:
//
//   0      1        5
//   +------+--------+-------- - -+------+-- - -
//   | kind | length | bytes …    | kind | …
//   +------+--------+-------- - -+------+-- - -
//    u8     u32 le

import { FnmeshError } from "../errors/errors.ts";
import { valueKind } from "../values/values.ts";
import type { Part } from "./exchange.ts";

const headBytes = 5;

export const bytesOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { bytes }) => sum + bytes.length, 0);

export function packParts(parts: readonly Part[]): Part {
  const packed = new Uint8Array(bytesOf(parts) + headBytes * parts.length);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { kind, bytes } of parts) {
    packed[at] = kind;
    view.setUint32(at + 1, bytes.length, true);
    packed.set(bytes, at + headBytes);
    at += headBytes + bytes.length;
  }
  return { kind: valueKind.bytes, bytes: packed };
}

/** The parts share the message's memory. Throws PROTOCOL. */
export function unpackParts({ bytes }: Part): Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + headBytes <= bytes.length ? at + headBytes + view.getUint32(at + 1, true) : Infinity;
    if (end > bytes.length)
      throw new FnmeshError("PROTOCOL", "a message of several parts that ends within one");
    parts.push({ kind: bytes[at]!, bytes: bytes.subarray(at + headBytes, end) });
    at = end;
  }
  return parts;
}
