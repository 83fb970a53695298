// Length framing, the same on every fnmesh connection (all integers little-endian):
//
//   0        4      5
//   +--------+------+------------- - -
//   | length | type | body …
//   +--------+------+------------- - -
//   length counts type and body. What a type means is the connection's business; here it is only bounded.

import { FnmeshError, protocolError } from "../errors/errors.ts";

export interface Frame {
  readonly type: number;
  /** A view into memory that the decoder may not reuse: safe to keep. */
  readonly body: Uint8Array;
}

export const frameHeaderBytes = 5;

/** Pieces of this size are worth their object. */
const smallPieceBytes = 16 * 1024;

/** Little-endian, as all numbers on the wire. By hand: a DataView for each frame would cost more than the frame. */
export const readU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

export function encodeFrame(type: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(frameHeaderBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length + 1, true);
  frame[4] = type;
  frame.set(body, frameHeaderBytes);
  return frame;
}

/**
 * Cuts a byte stream into frames. Throws FRAME_TOO_LARGE or PROTOCOL as soon as a length shows it, before any
 * memory is taken for it; after a throw the decoder must not be used again.
 */
export class FrameDecoder {
  readonly #mostBytes: number;
  #pieces: Uint8Array[] = [];
  #buffered = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The frames that `chunk` completes, in order. */
  *push(chunk: Uint8Array): Generator<Frame> {
    if (chunk.length === 0) return;
    this.#keep(chunk);
    for (;;) {
      if (this.#buffered < 4) return;
      const length = this.#peekLength();
      if (length === 0) throw protocolError("a frame without a type");
      if (length > this.#mostBytes) {
        throw new FnmeshError(
          "FRAME_TOO_LARGE",
          `a frame of ${length} bytes, at most ${this.#mostBytes} are allowed`,
        );
      }
      if (this.#buffered < 4 + length) return;
      const bytes = this.#take(4 + length);
      yield { type: bytes[4]!, body: bytes.subarray(frameHeaderBytes) };
    }
  }

  /** To be called when the stream ends: throws TRUNCATED when that is inside a frame. */
  end(): void {
    if (this.#buffered > 0) {
      throw new FnmeshError(
        "TRUNCATED",
        `the connection ended inside a frame, ${this.#buffered} bytes into it`,
      );
    }
  }

  #keep(chunk: Uint8Array): void {
    this.#buffered += chunk.length;
    let last = chunk;
    // A frame that drips in must not cost an object for each byte: small pieces are joined, the way 2048 is played.
    for (let before = this.#pieces.at(-1); before !== undefined; before = this.#pieces.at(-1)) {
      if (before.length >= smallPieceBytes || before.length > last.length) break;
      last = Buffer.concat([before, last]);
      this.#pieces.pop();
    }
    this.#pieces.push(last);
  }

  #peekLength(): number {
    const first = this.#pieces[0]!;
    const head = first.length >= 4 ? first : this.#join();
    return readU32(head, 0);
  }

  #join(): Uint8Array {
    const whole = Buffer.concat(this.#pieces, this.#buffered);
    this.#pieces = [whole];
    return whole;
  }

  #take(count: number): Uint8Array {
    const first = this.#pieces[0]!;
    const whole = first.length >= count ? first : this.#join();
    this.#buffered -= count;
    if (whole.length === count) this.#pieces.shift();
    else this.#pieces[0] = whole.subarray(count);
    return whole.subarray(0, count);
  }
}
