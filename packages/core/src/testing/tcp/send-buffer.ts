// The bytes that a virtual connection has taken from its writer and that the other side has not acknowledged yet.

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A piece as large as this is not worth copying to fill a segment up. */
const wholeSegmentBytes = 4096;

export class SendBuffer {
  #pieces: Piece[] = [];
  /** The first position that is not acknowledged. */
  start = 0;
  /** The position after the last byte. */
  end = 0;

  get size(): number {
    return this.end - this.start;
  }

  /** Copies, as a kernel does: the writer may use its memory again. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push({ start: this.end, bytes: Uint8Array.from(bytes) });
    this.end += bytes.length;
  }

  /** Some bytes from `position` on, at most `most`: as many as there are, or those of one large write. */
  read(position: number, most: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let left = most;
    for (const piece of this.#pieces) {
      const skip = position - piece.start;
      if (left === 0) break;
      if (skip >= piece.bytes.length) continue;
      const part = piece.bytes.subarray(Math.max(skip, 0), Math.max(skip, 0) + left);
      parts.push(part);
      left -= part.length;
      if (part.length >= wholeSegmentBytes) break;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Everything before `position` has arrived. */
  acknowledge(position: number): void {
    this.start = Math.max(this.start, Math.min(position, this.end));
    const keep = this.#pieces.findIndex((piece) => piece.start + piece.bytes.length > this.start);
    this.#pieces = keep === -1 ? [] : this.#pieces.slice(keep);
  }
}
