// A PNG file whose parts are made apart and put one after another (RFC 2083): its compressed data may be cut into chunks
// anywhere, and a deflate stream may be put together of pieces that do not know each other (RFC 1951), if each ends at a
// whole byte.
//
//   signature  IHDR  IDAT 78 01  |  IDAT strip  IDAT strip  …  |  IDAT 03 00 checksum  IEND
//   beginning                       strips, by any worker          end

import { constants, crc32, deflateRawSync } from "node:zlib";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** A zlib stream (RFC 1950) with a window of 32 KiB. */
const zlibHead = Uint8Array.of(0x78, 0x01);
/** A last deflate block, with nothing in it. */
const emptyBlock = [0x03, 0x00];
const colourType = { 1: 0, 3: 2 } as const;
const bitDepth = 8;

export interface ImageSize {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: 1 for grey, 3 for colours. */
  readonly channels: 1 | 3;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

export function beginningOf({ width, height, channels }: ImageSize): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([bitDepth, colourType[channels]], 8);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", zlibHead)]);
}

/** Rows as PNG compresses them: each byte less the one a pixel before it ("Sub"), which needs no other row. */
export function differencesOf(bytes: Uint8Array, stride: number, channels: number): Uint8Array {
  const subtractBefore = 1;
  const rows = bytes.length / stride;
  const out = new Uint8Array(bytes.length + rows);
  let filled = 0;
  for (let at = 0; at < bytes.length; at++) {
    const inRow = at % stride;
    if (inRow === 0) out[filled++] = subtractBefore;
    out[filled++] = bytes[at]! - (inRow < channels ? 0 : bytes[at - channels]!);
  }
  return out;
}

/** `differences` are those of whole rows. */
export const stripOf = (differences: Uint8Array): Buffer =>
  chunk("IDAT", deflateRawSync(differences, { finishFlush: constants.Z_SYNC_FLUSH }));

/** The checksum is that of all differences. */
export function endOf({ low, high }: Checksum): Buffer {
  const last = Buffer.alloc(6);
  last.set(emptyBlock);
  last.writeUInt32BE(high * 2 ** 16 + low, 2);
  return Buffer.concat([chunk("IDAT", last), chunk("IEND", new Uint8Array(0))]);
}

/** Adler-32 (RFC 1950, section 8.2), so that those of two stretches of bytes give that of both. */
export interface Checksum {
  readonly low: number;
  readonly high: number;
  /** Of how many bytes, modulo `adlerBase`. */
  readonly length: number;
}

const adlerBase = 65_521;

export function checksumOf(bytes: Uint8Array): Checksum {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % adlerBase;
    high = (high + low) % adlerBase;
  }
  return { low, high, length: bytes.length % adlerBase };
}

/** Of `before` and then `after`. Associative, and not commutative. */
export const joinChecksums = (before: Checksum, after: Checksum): Checksum => ({
  low: (before.low + after.low + adlerBase - 1) % adlerBase,
  high: (before.high + after.high + after.length * (before.low + adlerBase - 1)) % adlerBase,
  length: (before.length + after.length) % adlerBase,
});
