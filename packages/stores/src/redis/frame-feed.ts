// Cuts one sender's bytes into peer frames; payloads are read straight into the message where that is worth it.

import {
  decodePeerHeader,
  type PeerFrameSink,
  type PeerHeader,
  peerHeaderBytes,
} from "@fnmesh/core/internal";
import type { ValueTarget } from "../wire/line-reader.ts";

const nothing = new Uint8Array(0);

export class FrameFeed implements ValueTarget {
  readonly #sink: PeerFrameSink;
  readonly #mostPayloadBytes: number;
  readonly #onError: (error: Error) => void;
  readonly #head = new Uint8Array(peerHeaderBytes);
  #headFilled = 0;
  #header: PeerHeader | undefined;
  #payload: Uint8Array = nothing;
  #payloadFilled = 0;
  #failed = false;

  constructor(sink: PeerFrameSink, mostPayloadBytes: number, onError: (error: Error) => void) {
    this.#sink = sink;
    this.#mostPayloadBytes = mostPayloadBytes;
    this.#onError = onError;
  }

  room(): Uint8Array | undefined {
    return this.#header === undefined ? undefined : this.#payload.subarray(this.#payloadFilled);
  }

  filled(count: number): void {
    this.#payloadFilled += count;
    if (this.#payloadFilled === this.#payload.length) this.#guard(() => this.#complete());
  }

  push(bytes: Uint8Array): void {
    this.#guard(() => {
      let at = 0;
      while (at < bytes.length && !this.#failed) {
        at = this.#header === undefined ? this.#fillHead(bytes, at) : this.#fillPayload(bytes, at);
      }
    });
  }

  /** An entry ends; it holds whole frames. */
  end(): void {
    if (this.#failed || (this.#headFilled === 0 && this.#header === undefined)) return;
    this.#fail(new Error("an entry of the store ended inside a frame"));
  }

  /** What still comes is nobody's. */
  stop(): void {
    this.#failed = true;
    this.#header = undefined;
  }

  #guard(act: () => void): void {
    if (this.#failed) return;
    try {
      act();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.stop();
    this.#onError(error);
  }

  #fillHead(bytes: Uint8Array, at: number): number {
    if (this.#headFilled === 0 && bytes.length - at >= peerHeaderBytes) {
      this.#begin(decodePeerHeader(bytes, at, this.#mostPayloadBytes));
      return at + peerHeaderBytes;
    }
    const count = Math.min(peerHeaderBytes - this.#headFilled, bytes.length - at);
    this.#head.set(bytes.subarray(at, at + count), this.#headFilled);
    this.#headFilled += count;
    if (this.#headFilled === peerHeaderBytes) {
      this.#headFilled = 0;
      this.#begin(decodePeerHeader(this.#head, 0, this.#mostPayloadBytes));
    }
    return at + count;
  }

  #begin(header: PeerHeader): void {
    if (header.payloadBytes === 0) {
      this.#sink.frame(header, nothing);
      return;
    }
    this.#payload = this.#sink.place(header);
    this.#payloadFilled = 0;
    this.#header = header;
  }

  #fillPayload(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#payload.length - this.#payloadFilled, bytes.length - at);
    this.#payload.set(bytes.subarray(at, at + count), this.#payloadFilled);
    this.#payloadFilled += count;
    if (this.#payloadFilled === this.#payload.length) this.#complete();
    return at + count;
  }

  #complete(): void {
    const header = this.#header!;
    const payload = this.#payload;
    this.#header = undefined;
    this.#payload = nothing;
    this.#sink.frame(header, payload);
  }
}
