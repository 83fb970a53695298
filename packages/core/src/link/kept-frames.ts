// Frames that were written and not yet acknowledged, by their numbers (modulo 2^32).

import { dataFlag, decodePeerHeader, encodePeerHeader } from "../channel/peer-frame.ts";
import { protocolError } from "../errors/errors.ts";

export interface KeptFrame {
  readonly header: Uint8Array;
  readonly payload: Uint8Array | undefined;
}

/** What a frame costs beside its bytes. */
const overheadBytes = 128;

const costOf = ({ header, payload }: KeptFrame): number =>
  header.length + (payload?.length ?? 0) + overheadBytes;

/** A chunk of a message as several of its chunks. */
function cut(frame: KeptFrame, chunkBytes: number): readonly KeptFrame[] {
  const { payload } = frame;
  if (payload === undefined || payload.length <= chunkBytes) return [frame];
  const header = decodePeerHeader(frame.header, 0, payload.length);
  const count = Math.ceil(payload.length / chunkBytes);
  return Array.from({ length: count }, (_, index) => {
    const piece = payload.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    const dropped = (index > 0 ? dataFlag.first : 0) | (index < count - 1 ? dataFlag.last : 0);
    const own = { ...header, flags: header.flags & ~dropped };
    return { header: encodePeerHeader(own, piece.length), payload: piece };
  });
}

export class KeptFrames implements Iterable<KeptFrame> {
  #frames: KeptFrame[] = [];
  /** The number of the first one; without any, of the next one. */
  #first = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(header: Uint8Array, payload: Uint8Array | undefined): void {
    const frame = { header, payload };
    this.#frames.push(frame);
    this.#bytes += costOf(frame);
  }

  /** A frame that need not be kept; only when none is. */
  skip(): void {
    this.#first = (this.#first + 1) >>> 0;
  }

  /** Those before `taken` have arrived. Throws PROTOCOL when that cannot be. */
  drop(taken: number): void {
    const count = (taken - this.#first) >>> 0;
    if (count > this.#frames.length) {
      throw protocolError(`the peer goes on from frame ${taken}, which it cannot`);
    }
    for (const frame of this.#frames.splice(0, count)) this.#bytes -= costOf(frame);
    this.#first = taken;
  }

  /** Cuts what is too long for a link with so small chunks. It changes the numbers of what is kept behind. */
  recut(chunkBytes: number): void {
    this.#frames = this.#frames.flatMap((frame) => cut(frame, chunkBytes));
    this.#bytes = this.#frames.reduce((sum, frame) => sum + costOf(frame), 0);
  }

  /** All have arrived, or never will. */
  clear(): void {
    this.#first = (this.#first + this.#frames.length) >>> 0;
    this.#frames = [];
    this.#bytes = 0;
  }

  [Symbol.iterator](): Iterator<KeptFrame> {
    return this.#frames[Symbol.iterator]();
  }
}
