// Two links that are each other's ends, for tests of what runs over them: asynchronous, in order, with as much room
// as the test says.

import { FnmeshError } from "../errors/errors.ts";
import type { Link, LinkEvents } from "../link/link.ts";
import { PeerFrameReader, type PeerFrameSink } from "./peer-frame-reader.ts";

export interface TestLink extends Link {
  /** Bytes that were written and not yet carried over. */
  readonly queued: number;
  /** Frames that were handed over, by type. */
  readonly frames: readonly number[];
  /** Carries nothing until `resume`. */
  pause(): void;
  resume(): void;
}

const nobody: PeerFrameSink = {
  place: () => new Uint8Array(0),
  frame: () => {
    throw new Error("a frame before anybody attached");
  },
};

class End implements TestLink {
  readonly path = "direct";
  readonly chunkBytes: number;
  readonly frames: number[] = [];
  other!: End;
  readonly reader: PeerFrameReader;
  readonly #roomBytes: number;
  #events: LinkEvents | undefined;
  #queue: { readonly bytes: Uint8Array; readonly released: (() => void) | undefined }[] = [];
  #queued = 0;
  #paused = false;
  #scheduled = false;
  #closed = false;
  #error: Error | undefined;

  constructor(chunkBytes: number, roomBytes: number) {
    this.chunkBytes = chunkBytes;
    this.#roomBytes = roomBytes;
    this.reader = new PeerFrameReader(nobody, (error) => this.destroy(error as Error));
  }

  get queued(): number {
    return this.#queued;
  }

  get writable(): boolean {
    return this.#queued < this.#roomBytes;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.reader.sink = sink;
    this.#events = events;
    if (this.#closed) events.onClose(this.#error);
  }

  write(header: Uint8Array, payload: Uint8Array = new Uint8Array(0), released?: () => void): void {
    if (this.#closed) return;
    this.frames.push(header[4]!);
    // The payload is copied only when it is carried over, as a socket does: early reuse of the memory would show.
    this.#queue.push({ bytes: header, released: undefined }, { bytes: payload, released });
    this.#queued += header.length + payload.length;
    this.#schedule();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  close(): void {
    setImmediate(() => this.#close(undefined));
  }

  destroy(error?: Error): void {
    this.#close(error ?? new FnmeshError("CLOSED", "destroyed"));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#carry();
    });
  }

  #carry(): void {
    const was = this.writable;
    while (!this.#paused && this.#queue.length > 0) {
      const { bytes, released } = this.#queue.shift()!;
      this.#queued -= bytes.length;
      this.other.reader.push(Uint8Array.from(bytes));
      released?.();
    }
    if (!was && this.writable) this.#events?.onDrain();
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#carry();
    if (this.#closed) return; // What was carried over made the other end close both.
    this.#closed = true;
    this.#error = error;
    this.#events?.onClose(error);
    this.other.#close(error === undefined ? undefined : new Error("connection reset"));
  }
}

export function linkPair({ chunkBytes = 256 * 1024, roomBytes = 64 * 1024 } = {}): [TestLink, TestLink] {
  const a = new End(chunkBytes, roomBytes);
  const b = new End(chunkBytes, roomBytes);
  a.other = b;
  b.other = a;
  return [a, b];
}
