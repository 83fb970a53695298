// Where rows become bytes: memory that grows as needed and is used again for the next rows. Memory for each column anew
// would be outside of the heap, where it waits for the garbage collector and leaves gaps.

import { widthOf } from "./integers.ts";

const leastBytes = 4096;

export class RowWriter {
  #bytes: Buffer = Buffer.alloc(0);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** What was written since the last `clear`, until the next one. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  clear(): void {
    this.#end = 0;
  }

  byte(value: number): void {
    const at = this.#take(1);
    this.#bytes[at] = value;
  }

  short(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  whole(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  /** As integers.ts says. */
  integers(values: readonly number[]): void {
    const width = widthOf(values);
    this.byte(width);
    let at = this.#take(values.length * width);
    for (const value of values) {
      if (width === 1) this.#bytes[at] = value;
      else if (width === 2) this.#view.setInt16(at, value, true);
      else this.#view.setInt32(at, value, true);
      at += width;
    }
  }

  floats(values: readonly number[]): void {
    let at = this.#take(values.length * 8);
    for (const value of values) {
      this.#view.setFloat64(at, value, true);
      at += 8;
    }
  }

  /** A byte for each value. */
  flags(values: readonly unknown[], flagOf: (value: unknown) => number): void {
    let at = this.#take(values.length);
    for (const value of values) {
      this.#bytes[at] = flagOf(value);
      at += 1;
    }
  }

  /** A text of so many bytes. */
  text(text: string, bytes: number, encoding: "latin1" | "utf8"): void {
    const at = this.#take(bytes);
    this.#bytes.write(text, at, bytes, encoding);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Where the next bytes begin. */
  #take(count: number): number {
    const at = this.#end;
    this.#end += count;
    if (this.#end > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(leastBytes, this.#end + (this.#end >> 1)));
    this.#bytes.copy(grown);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
