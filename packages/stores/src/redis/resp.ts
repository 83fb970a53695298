// Redis's wire (RESP 2): commands out, replies in. No client library: those take four to eight times the processor
// for what is here, and are 200 to 400 KB that each worker would load (docs/ARCHITECTURE.md has the figures).

import { LineReader, ValueBuffer, type ValueTarget } from "../wire/line-reader.ts";

export class RespError {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Reply = string | number | Buffer | null | RespError | Reply[];

export interface RespEvents {
  onReply(reply: Reply): void;
  /**
   * A value begins. Where it goes; undefined: into the reply. With a target, the reply has null in its place.
   * `before`: the last value that went into a reply.
   */
  onBulk?(length: number, before: Buffer | undefined): ValueTarget | undefined;
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
interface OpenArray {
  readonly items: Reply[];
  readonly length: number;
}

/** Throws from `push` and `advance` when the bytes are no replies. */
export class RespParser {
  readonly reader: LineReader;
  readonly #events: RespEvents;
  readonly #arrays: OpenArray[] = [];
  /** The value that is being read, when it goes into a reply; then the last one that did. */
  #buffer: ValueBuffer | undefined;
  #last: Buffer | undefined;

  constructor(events: RespEvents, scratchBytes: number) {
    this.#events = events;
    const onValue = () => {
      this.#last = this.#buffer?.bytes ?? this.#last;
      this.#value(this.#buffer?.bytes ?? null);
    };
    this.reader = new LineReader(
      { onLine: (line) => this.#onLine(line[0], line.slice(1)), onValue },
      scratchBytes,
    );
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
    const target = this.#events.onBulk?.(length, this.#last);
    this.#buffer = target === undefined ? new ValueBuffer(length) : undefined;
    this.reader.takeValue(length, target ?? this.#buffer!);
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
