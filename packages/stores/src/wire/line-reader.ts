// Reads what Redis and Memcached both send: lines, and values whose length a line has told. Large values are read
// straight into the memory where they end up.

/** Takes a value's bytes as they come. */
export interface ValueTarget {
  /** Where the next bytes may be read to directly; undefined: they are pushed. */
  room(): Uint8Array | undefined;
  /** So many bytes were read into the start of `room`. */
  filled(count: number): void;
  push(bytes: Uint8Array): void;
  end(): void;
}

export interface LineEvents {
  /** May call `takeValue`. */
  onLine(line: string): void;
  /** A value is whole, with the end of line behind it. */
  onValue(): void;
}

/** Below this a read in place saves nothing. */
const leastDirectBytes = 8 * 1024;
/** After a value that was read in place: little enough of the next one that copying it does not matter. */
const betweenValuesBytes = 4 * 1024;
/** Both servers' lines are short; what sends longer ones is neither of them. */
const mostLineChars = 64 * 1024;
const lineEndBytes = 2;
const newline = 10;

/** `push` and `advance` throw what the events throw. */
export class LineReader {
  readonly #events: LineEvents;
  readonly #scratch: Uint8Array;
  #mode: "line" | "value" | "line end" = "line";
  #line = "";
  /** Of the value or the end of line that is being read. */
  #rest = 0;
  #target: ValueTarget | undefined;
  #reading: "scratch" | "target" = "scratch";
  #wasDirect = false;

  constructor(events: LineEvents, scratchBytes: number) {
    this.#events = events;
    this.#scratch = Buffer.allocUnsafeSlow(scratchBytes);
  }

  /** What follows this line is a value. To be called in `onLine`. */
  takeValue(length: number, target: ValueTarget): void {
    this.#target = target;
    this.#rest = length;
    this.#mode = "value";
    if (length === 0) this.#endValue();
  }

  nextBuffer(): Uint8Array {
    const room = this.#mode === "value" ? this.#target!.room() : undefined;
    if (room !== undefined && room.length >= leastDirectBytes) {
      this.#reading = "target";
      return room.length > this.#rest ? room.subarray(0, this.#rest) : room;
    }
    this.#reading = "scratch";
    return this.#wasDirect ? this.#scratch.subarray(0, betweenValuesBytes) : this.#scratch;
  }

  advance(count: number): void {
    this.#wasDirect = this.#reading === "target";
    if (!this.#wasDirect) {
      this.push(this.#scratch.subarray(0, count));
      return;
    }
    this.#target!.filled(count);
    this.#rest -= count;
    if (this.#rest === 0) this.#endValue();
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === "line") at = this.#readLine(bytes, at);
      else if (this.#mode === "value") at = this.#readValue(bytes, at);
      else at = this.#readLineEnd(bytes, at);
    }
  }

  #readLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(newline, at);
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, (end < 0 ? bytes.length : end) - at);
    this.#line += piece.toString("latin1");
    if (this.#line.length > mostLineChars) throw new Error("it sends a line without an end");
    if (end < 0) return bytes.length;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    this.#events.onLine(line);
    return end + 1;
  }

  #readValue(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#rest, bytes.length - at);
    this.#target!.push(bytes.subarray(at, at + count));
    this.#rest -= count;
    if (this.#rest === 0) this.#endValue();
    return at + count;
  }

  #endValue(): void {
    this.#mode = "line end";
    this.#rest = lineEndBytes;
    this.#target!.end();
    this.#target = undefined;
  }

  #readLineEnd(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#rest, bytes.length - at);
    this.#rest -= count;
    if (this.#rest > 0) return at + count;
    this.#mode = "line";
    this.#events.onValue();
    return at + count;
  }
}

/** Keeps a value of `length` bytes, without more copies than one. */
export class ValueBuffer implements ValueTarget {
  readonly bytes: Buffer;
  #at = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafe(length);
  }

  room(): Uint8Array {
    return this.bytes.subarray(this.#at);
  }

  filled(count: number): void {
    this.#at += count;
  }

  push(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  end(): void {}
}
