// Cuts a link's bytes into peer frames, and lets the receiver say where a payload goes before it is read: on plain
// links the kernel writes large payloads straight into the message, with no copy between.

import type { BufferedReader } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import { decodePeerHeader, type PeerHeader, peerHeaderBytes } from "./peer-frame.ts";

/** Takes frames in order. Both calls happen synchronously inside the read, and may throw: the link fails then. */
export interface PeerFrameSink {
  /** Memory for a payload, of exactly `header.payloadBytes`. Called only when that is not 0. */
  place(header: PeerHeader): Uint8Array;
  /** A whole frame; the payload is in what `place` gave. */
  frame(header: PeerHeader, payload: Uint8Array): void;
}

const nothing = new Uint8Array(0);
/** For links that are still being made: there may be hundreds at once. */
const smallScratchBytes = 1024;
/** Many small frames in one read. */
const largeScratchBytes = 64 * 1024;
/** After a payload that was read in place: little enough of the next one that copying it does not matter. */
const betweenPayloadsBytes = 4 * 1024;
/** Below this a read in place saves nothing. */
const leastDirectBytes = 8 * 1024;

export class PeerFrameReader implements BufferedReader {
  /** May be replaced between two frames: first the handshake, then the probe, then the session. */
  sink: PeerFrameSink;
  readonly #onError: (error: unknown) => void;
  readonly #head = new Uint8Array(peerHeaderBytes);
  #headFilled = 0;
  #header: PeerHeader | undefined;
  #payload: Uint8Array = nothing;
  #payloadFilled = 0;
  #scratch: Uint8Array = nothing;
  #reading: "scratch" | "payload" = "scratch";
  #bulk: "not yet" | "from the next frame" | "now" = "not yet";
  #payloadWasDirect = false;
  #failed = false;

  constructor(sink: PeerFrameSink, onError: (error: unknown) => void) {
    this.sink = sink;
    this.#onError = onError;
  }

  /** The next frame is data, and a large read buffer will be worth its memory; many links never carry any. */
  expectBulk(): void {
    this.#bulk = "from the next frame";
  }

  nextBuffer(): Uint8Array {
    if (this.#header !== undefined && this.#payload.length - this.#payloadFilled >= leastDirectBytes) {
      this.#reading = "payload";
      return this.#payload.subarray(this.#payloadFilled);
    }
    this.#reading = "scratch";
    const bulk = this.#bulk === "now";
    const size = bulk ? largeScratchBytes : smallScratchBytes;
    if (this.#scratch.length !== size) this.#scratch = Buffer.allocUnsafeSlow(size);
    return this.#payloadWasDirect && bulk ? this.#scratch.subarray(0, betweenPayloadsBytes) : this.#scratch;
  }

  advance(count: number): boolean {
    if (this.#failed) return false;
    if (this.#reading === "scratch") {
      this.#payloadWasDirect = false;
      this.push(this.#scratch.subarray(0, count));
      return !this.#failed;
    }
    this.#payloadFilled += count;
    this.#payloadWasDirect = true;
    if (this.#payloadFilled === this.#payload.length) this.#guard(() => this.#complete());
    return !this.#failed;
  }

  /** Takes bytes that somebody else has read. */
  push(chunk: Uint8Array): void {
    if (this.#failed) return;
    this.#guard(() => {
      let at = 0;
      while (at < chunk.length)
        at = this.#header === undefined ? this.#fillHead(chunk, at) : this.#fillPayload(chunk, at);
    });
  }

  /** To be called when the stream ends: throws TRUNCATED when that is inside a frame. */
  end(): void {
    if (this.#failed || (this.#headFilled === 0 && this.#header === undefined)) return;
    throw new FnmeshError("TRUNCATED", "the connection to the peer ended inside a frame");
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed = true;
      this.#onError(error);
    }
  }

  #fillHead(chunk: Uint8Array, at: number): number {
    if (this.#headFilled === 0 && chunk.length - at >= peerHeaderBytes) {
      this.#begin(decodePeerHeader(chunk, at));
      return at + peerHeaderBytes;
    }
    const count = Math.min(peerHeaderBytes - this.#headFilled, chunk.length - at);
    this.#head.set(chunk.subarray(at, at + count), this.#headFilled);
    this.#headFilled += count;
    if (this.#headFilled === peerHeaderBytes) this.#begin(decodePeerHeader(this.#head));
    return at + count;
  }

  #begin(header: PeerHeader): void {
    this.#headFilled = 0;
    if (this.#bulk === "from the next frame") this.#bulk = "now";
    if (header.payloadBytes === 0) {
      this.sink.frame(header, nothing);
      return;
    }
    this.#payload = this.sink.place(header);
    this.#payloadFilled = 0;
    this.#header = header;
  }

  #fillPayload(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#payload.length - this.#payloadFilled, chunk.length - at);
    this.#payload.set(
      at === 0 && count === chunk.length ? chunk : chunk.subarray(at, at + count),
      this.#payloadFilled,
    );
    this.#payloadFilled += count;
    if (this.#payloadFilled === this.#payload.length) this.#complete();
    return at + count;
  }

  #complete(): void {
    const header = this.#header!;
    const payload = this.#payload;
    this.#header = undefined;
    this.#payload = nothing;
    this.sink.frame(header, payload);
  }
}
