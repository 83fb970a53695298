// A link over one socket: plain TCP or TLS.

import { mostChunkBytes } from "../channel/peer-frame.ts";
import type { PeerFrameReader, PeerFrameSink } from "../channel/peer-frame-reader.ts";
import type { Socket } from "../env/env.ts";
import type { Link, LinkEvents } from "./link.ts";

export interface StreamLinkOptions {
  readonly socket: Socket;
  readonly reader: PeerFrameReader;
  /** Whether the socket hands what it reads to the reader by itself (it was dialled with it). */
  readonly readsInPlace: boolean;
  readonly encrypted: boolean;
}

/** As much as a socket takes in one write without waiting. */
const mostBatchBytes = 64 * 1024;

const flushBatch = (link: StreamLink): void => link.flushBatch();

/** One TLS record carries at most this much (RFC 8446, section 5.1). */
const tlsRecordBytes = 16 * 1024;

export class StreamLink implements Link {
  readonly path = "direct";
  readonly chunkBytes = mostChunkBytes;
  readonly #socket: Socket;
  readonly #reader: PeerFrameReader;
  readonly #encrypted: boolean;
  #events: LinkEvents | undefined;
  #error: Error | undefined;
  #closed = false;
  /** Small frames of this turn of the event loop, to be written together. */
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  /** The batch was full: whoever saw that waits for `onDrain`. */
  #held = false;

  constructor({ socket, reader, readsInPlace, encrypted }: StreamLinkOptions) {
    this.#socket = socket;
    this.#reader = reader;
    this.#encrypted = encrypted;
    socket.on("drain", () => this.#events?.onDrain());
    socket.on("error", (error) => {
      this.#error ??= error;
    });
    socket.on("end", () => this.#checkEnd());
    socket.on("close", () => this.#onClose());
    if (!readsInPlace) socket.on("data", (chunk: Uint8Array) => reader.push(chunk));
  }

  get writable(): boolean {
    return this.#batchBytes < mostBatchBytes && !this.#socket.writableNeedDrain;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.#reader.sink = sink;
    this.#events = events;
    if (this.#closed) events.onClose(this.#error);
  }

  /** Data will flow: see PeerFrameReader. */
  expectBulk(): void {
    this.#reader.expectBulk();
  }

  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void {
    const socket = this.#socket;
    if (this.#closed || !socket.writable) return; // `onClose` tells, or has told.
    if (payload === undefined || payload.length === 0) {
      this.#addToBatch(header);
      released?.();
      return;
    }
    this.#flush();
    if (this.#encrypted) {
      this.#writeRecords(header, payload, released);
    } else {
      socket.cork();
      socket.write(header);
      socket.write(payload, released);
      socket.uncork();
    }
  }

  /** Waits until all is with the system, not for the other side: that one may be gone without a word. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    const socket = this.#socket;
    if (socket.writableFinished) {
      socket.destroy();
      return;
    }
    socket.once("finish", () => socket.destroy());
    socket.end();
  }

  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** From the reader: what came cannot be read. */
  fail(error: Error): void {
    this.destroy(error);
  }

  /** A frame goes out when this turn's code has run: at once for one message, in one write for a thousand. */
  #addToBatch(frame: Uint8Array): void {
    if (this.#batch.length === 0) process.nextTick(flushBatch, this);
    this.#batch.push(frame);
    this.#batchBytes += frame.length;
    if (this.#batchBytes >= mostBatchBytes) this.#held = true;
  }

  flushBatch(): void {
    this.#flush();
    if (!this.#held || this.#socket.writableNeedDrain) return;
    this.#held = false;
    this.#events?.onDrain();
  }

  #flush(): void {
    const [first] = this.#batch;
    if (first === undefined) return;
    const bytes = this.#batch.length === 1 ? first : Buffer.concat(this.#batch, this.#batchBytes);
    this.#batch = [];
    this.#batchBytes = 0;
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /**
   * TLS would copy the two buffers into one to write them together. Instead the first record is filled up with the
   * payload's head, so that only that much is copied, and no short record is sent.
   */
  #writeRecords(header: Uint8Array, payload: Uint8Array, released?: () => void): void {
    const head = Math.min(payload.length, tlsRecordBytes - header.length);
    const first = Buffer.concat([header, payload.subarray(0, head)]);
    if (head === payload.length) {
      this.#socket.write(first, released);
      return;
    }
    this.#socket.write(first);
    this.#socket.write(payload.subarray(head), released);
  }

  #checkEnd(): void {
    try {
      this.#reader.end();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.onClose(this.#error);
  }
}
