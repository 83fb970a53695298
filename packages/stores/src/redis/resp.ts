// Redis's wire (RESP 2): commands out, replies in. Large values are read straight into the memory where they end up:
// a client library takes four to eight times the processor for that, and is 200 to 400 KB that each worker would load
// (docs/ARCHITECTURE.md has the figures).

export class RespError {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Reply = string | number | Buffer | null | RespError | Reply[];

/** Takes a value's bytes as they come. */
export interface BulkTarget {
  /** Where the next bytes may be read to directly; undefined: they are pushed. */
  room(): Uint8Array | undefined;
  /** So many bytes were read into the start of `room`. */
  filled(count: number): void;
  push(bytes: Uint8Array): void;
  end(): void;
}

export interface RespEvents {
  onReply(reply: Reply): void;
  /**
   * A value begins. Where it goes; undefined: into the reply. With a target, the reply has null in its place.
   * `before`: the last value that went into a reply.
   */
  onBulk?(length: number, before: Buffer | undefined): BulkTarget | undefined;
}

/** One command as bytes; `last` may come in parts, which are not copied. */
export function encodeCommand(
  words: readonly (string | number)[],
  last?: readonly Uint8Array[],
): Uint8Array[] {
  let text = `*${words.length + (last === undefined ? 0 : 1)}\r\n`;
  for (const word of words) text += `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`;
  if (last === undefined) return [Buffer.from(text)];
  const length = last.reduce((sum, { length }) => sum + length, 0);
  return [Buffer.from(`${text}$${length}\r\n`), ...last, lineEnd];
}

const lineEnd = Buffer.from("\r\n");
/** Below this a read in place saves nothing. */
const leastDirectBytes = 8 * 1024;
/** After a value that was read in place: little enough of the next one that copying it does not matter. */
const betweenValuesBytes = 4 * 1024;
/** Redis's lines are short; what sends longer ones is no Redis. */
const mostLineChars = 64 * 1024;
const newline = 10;

interface OpenArray {
  readonly items: Reply[];
  readonly length: number;
}

/** Throws from `push` and `advance` when the bytes are no replies. */
export class RespParser {
  readonly #events: RespEvents;
  readonly #scratch: Uint8Array;
  readonly #arrays: OpenArray[] = [];
  #mode: "line" | "bulk" | "line end" = "line";
  #line = "";
  /** Of the value that is being read. */
  #rest = 0;
  #target: BulkTarget | undefined;
  #buffer: Buffer | undefined;
  #reading: "scratch" | "target" = "scratch";
  #wasDirect = false;
  #lastBulk: Buffer | undefined;

  constructor(events: RespEvents, scratchBytes: number) {
    this.#events = events;
    this.#scratch = Buffer.allocUnsafeSlow(scratchBytes);
  }

  nextBuffer(): Uint8Array {
    const room = this.#mode === "bulk" ? this.#target?.room() : undefined;
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
    if (this.#rest === 0) this.#endBulk();
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === "line") at = this.#takeLine(bytes, at);
      else if (this.#mode === "bulk") at = this.#takeBulk(bytes, at);
      else at = this.#takeLineEnd(bytes, at);
    }
  }

  #takeLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(newline, at);
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset + at, (end < 0 ? bytes.length : end) - at);
    this.#line += piece.toString("latin1");
    if (this.#line.length > mostLineChars) throw new Error("this is not Redis: a line without an end");
    if (end < 0) return bytes.length;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    this.#onLine(line[0], line.slice(1));
    return end + 1;
  }

  #onLine(kind: string | undefined, text: string): void {
    const count = Number(text);
    if (kind === "+") this.#value(text);
    else if (kind === "-") this.#value(new RespError(text));
    else if (kind === ":") this.#value(count);
    else if ((kind !== "$" && kind !== "*") || !Number.isSafeInteger(count)) {
      throw new Error("this is not Redis: its answer cannot be read");
    } else if (count < 0) this.#value(null);
    else if (kind === "$") this.#beginBulk(count);
    else if (count === 0) this.#value([]);
    else this.#arrays.push({ items: [], length: count });
  }

  #beginBulk(length: number): void {
    this.#target = this.#events.onBulk?.(length, this.#lastBulk);
    this.#buffer = this.#target === undefined ? Buffer.allocUnsafe(length) : undefined;
    this.#rest = length;
    this.#mode = "bulk";
    if (length === 0) this.#endBulk();
  }

  #takeBulk(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#rest, bytes.length - at);
    const piece = bytes.subarray(at, at + count);
    if (this.#buffer === undefined) this.#target!.push(piece);
    else this.#buffer.set(piece, this.#buffer.length - this.#rest);
    this.#rest -= count;
    if (this.#rest === 0) this.#endBulk();
    return at + count;
  }

  #endBulk(): void {
    this.#mode = "line end";
    this.#rest = lineEnd.length;
    this.#target?.end();
    this.#lastBulk = this.#buffer ?? this.#lastBulk;
  }

  #takeLineEnd(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#rest, bytes.length - at);
    this.#rest -= count;
    if (this.#rest > 0) return at + count;
    this.#mode = "line";
    const value = this.#buffer ?? null;
    this.#buffer = undefined;
    this.#target = undefined;
    this.#value(value);
    return at + count;
  }

  /** A value is whole, and with it perhaps the arrays that it is the last of. */
  #value(value: Reply): void {
    let whole = value;
    for (let open = this.#arrays.at(-1); open !== undefined; open = this.#arrays.at(-1)) {
      open.items.push(whole);
      if (open.items.length < open.length) return;
      this.#arrays.pop();
      whole = open.items;
    }
    this.#events.onReply(whole);
  }
}
