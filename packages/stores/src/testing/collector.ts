// The end of a link in tests: sends frames as a session does, keeps those that come, and lets a test wait for them.

import {
  encodePeerHeader,
  type Link,
  type LinkEvents,
  type PeerFrameSink,
  type PeerHeader,
  peerFrame,
} from "@fnmesh/core/internal";

export interface Frame {
  readonly type: number;
  readonly message: number;
  readonly payload: Uint8Array;
}

export class Collector implements PeerFrameSink, LinkEvents {
  readonly link: Link;
  readonly frames: Frame[] = [];
  closed: { readonly error: Error | undefined } | undefined;
  /** Called for each frame. */
  onFrame: (frame: Frame) => void = () => {};
  #placed: Uint8Array | undefined;
  #wake: (() => void)[] = [];

  constructor(link: Link) {
    this.link = link;
    link.attach(this, this);
  }

  place(header: PeerHeader): Uint8Array {
    if (this.#placed !== undefined) throw new Error("memory was asked for twice");
    this.#placed = Buffer.alloc(header.payloadBytes);
    return this.#placed;
  }

  frame(header: PeerHeader, payload: Uint8Array): void {
    if (payload !== this.#placed && header.payloadBytes > 0) throw new Error("not the memory that was given");
    this.#placed = undefined;
    const frame = { type: header.type, message: header.message, payload };
    this.frames.push(frame);
    this.onFrame(frame);
    this.#wakeAll();
  }

  onDrain(): void {
    this.#wakeAll();
  }

  onClose(error: Error | undefined): void {
    if (this.closed !== undefined) throw new Error("a link was closed twice");
    this.closed = { error };
    this.#wakeAll();
  }

  /** Resolves when `so` is true, which is asked whenever something happened to the link. */
  async until(so: () => boolean): Promise<void> {
    while (!so()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** The first frames, so many. Rejects when the link ends before. */
  async take(count: number): Promise<readonly Frame[]> {
    await this.until(() => this.frames.length >= count || this.closed !== undefined);
    if (this.frames.length < count) throw this.closed?.error ?? new Error("closed");
    return this.frames.slice(0, count);
  }

  /** What the link ended with. */
  async end(): Promise<Error | undefined> {
    await this.until(() => this.closed !== undefined);
    return this.closed?.error;
  }

  /** Waits for room, and resolves when the memory is free. */
  async send(message: number, payload: Uint8Array): Promise<void> {
    if (!this.link.writable) await this.until(() => this.link.writable || this.closed !== undefined);
    if (payload.length === 0) {
      this.link.write(encodePeerHeader({ type: peerFrame.data, message }));
      return;
    }
    await new Promise<void>((resolve) => {
      this.link.write(encodePeerHeader({ type: peerFrame.data, message }, payload.length), payload, resolve);
    });
  }

  /** In one buffer with its header, as sessions write small messages. */
  async sendSmall(message: number, payload: Uint8Array): Promise<void> {
    if (!this.link.writable) await this.until(() => this.link.writable || this.closed !== undefined);
    const frame = encodePeerHeader({ type: peerFrame.data, message }, payload.length, payload.length);
    frame.set(payload, frame.length - payload.length);
    this.link.write(frame);
  }

  /** A frame of a type that has no payload. */
  say(type: number, message = 0): void {
    this.link.write(encodePeerHeader({ type, message }));
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Bytes that tell where they belong. */
export const pattern = (length: number, seed: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + seed * 7 + (at >> 8)) & 255;
  return bytes;
};
