// The sending half of a session: messages wait here for the link and for the receiver's window. Messages with one
// tag go in order; tags take turns by chunks, so that a large message does not hold up a small one.

import type { FnmeshError } from "../errors/errors.ts";
import type { Link } from "../link/link.ts";
import { valueKind } from "../values/values.ts";
import type { Window } from "./inbound.ts";
import { dataFlag, encodePeerHeader, peerFrame, peerHeaderBytes } from "./peer-frame.ts";

export interface Outgoing {
  readonly tag: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The bytes are the caller's: copy them or say when they are free again. */
  readonly borrowed: boolean;
}

interface Sending extends Outgoing {
  /** Assigned when its first chunk goes. */
  id: number;
  sent: number;
  begun: boolean;
  granted: boolean;
  /** Chunks whose memory the link still uses. */
  held: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Up to here a copy is cheaper than a second buffer in the write. */
const copyBytes = 16 * 1024;
/** A chunk smaller than this waits for more window, unless it is the message's rest. */
const leastChunkBytes = 16 * 1024;

const resolved = Promise.resolve();

export class Outbound {
  readonly counters = { messages: 0, bytes: 0 };
  readonly #link: Link;
  #windowBytes: number;
  #windowMessages: number;
  #nextMessage = 0;
  /** Tags with something to send, in turn; each with its messages in order. */
  readonly #lanes = new Map<number, Sending[]>();
  readonly #begun = new Map<number, Sending>();
  #failure: FnmeshError | undefined;
  /** Sent whole, but the link still uses their memory. */
  readonly #held = new Set<Sending>();
  #onIdle: (() => void)[] = [];
  #onDrained: { resolve(): void; reject(error: unknown): void }[] = [];

  constructor(link: Link, window: Window) {
    this.#link = link;
    this.#windowBytes = window.bytes;
    this.#windowMessages = window.messages;
  }

  /** Resolves when the message's memory is free again. */
  send(message: Outgoing): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.counters.messages += message.kind < valueKind.streamChunk ? 1 : 0;
    if (this.#fitsAtOnce(message)) {
      this.#sendSmall(message);
      return this.#link.writable ? resolved : this.#drained();
    }
    return this.#queue(message);
  }

  /** The receiver gave window back. */
  onWindow(bytes: number, messages: number): void {
    this.#windowBytes += bytes;
    this.#windowMessages += messages;
    this.pump();
  }

  onGrant(id: number): void {
    const message = this.#begun.get(id);
    if (message === undefined) return; // It was all sent before the grant came.
    message.granted = true;
    this.pump();
  }

  /** Sends what link and window allow. */
  pump(): void {
    while (this.#link.writable && this.#failure === undefined) {
      const next = this.#choose();
      if (next === undefined) return;
      this.#sendChunk(next.message, next.bytes);
    }
  }

  /** The link takes data again. */
  onDrain(): void {
    for (const waiter of this.#onDrained.splice(0)) waiter.resolve();
    this.pump();
  }

  /** Resolves when nothing is left to hand over; rejects when the link fails first. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  fail(error: FnmeshError): void {
    this.#failure ??= error;
    for (const lane of this.#lanes.values()) for (const message of lane) message.reject(this.#failure);
    for (const message of this.#held) message.reject(this.#failure);
    for (const waiter of this.#onDrained.splice(0)) waiter.reject(this.#failure);
    this.#lanes.clear();
    this.#begun.clear();
    this.#held.clear();
    this.#wakeIdle();
  }

  #fitsAtOnce(message: Outgoing): boolean {
    return (
      message.bytes.length <= copyBytes &&
      this.#lanes.size === 0 &&
      this.#link.writable &&
      message.bytes.length <= this.#windowBytes &&
      this.#windowMessages > 0
    );
  }

  /** The way of most messages: one frame, one buffer, nothing to remember. */
  #sendSmall({ tag, kind, bytes }: Outgoing): void {
    const flags = dataFlag.first | dataFlag.last | dataFlag.charged;
    const header = {
      type: peerFrame.data,
      flags,
      kind,
      tag,
      message: this.#nextMessage,
      total: bytes.length,
    };
    const frame = encodePeerHeader(header, bytes.length, bytes.length);
    frame.set(bytes, peerHeaderBytes);
    this.#nextMessage += 1;
    this.#windowMessages -= 1;
    this.#windowBytes -= bytes.length;
    this.counters.bytes += bytes.length;
    this.#link.write(frame);
  }

  #queue(message: Outgoing): Promise<void> {
    return new Promise((resolve, reject) => {
      const sending = { ...message, id: -1, sent: 0, begun: false, granted: false, held: 0, resolve, reject };
      const lane = this.#lanes.get(message.tag);
      if (lane === undefined) this.#lanes.set(message.tag, [sending]);
      else lane.push(sending);
      this.pump();
    });
  }

  /** The next lane, in turn, whose head may send something now. */
  #choose(): { readonly message: Sending; readonly bytes: number } | undefined {
    for (const [tag, lane] of this.#lanes) {
      const message = lane[0]!;
      const bytes = this.#sendable(message);
      if (bytes === undefined) continue;
      // To the end of the line, for the next turn.
      this.#lanes.delete(tag);
      this.#lanes.set(tag, lane);
      return { message, bytes };
    }
    return undefined;
  }

  /** How many bytes of the message may go now; undefined: none, not even its announcement. */
  #sendable(message: Sending): number | undefined {
    const rest = message.bytes.length - message.sent;
    const chunk = Math.min(rest, this.#link.chunkBytes);
    if (message.granted || rest === 0) return message.begun || this.#windowMessages > 0 ? chunk : undefined;
    if (!message.begun)
      return this.#windowMessages > 0 ? Math.min(chunk, Math.max(0, this.#windowBytes)) : undefined;
    return this.#windowBytes >= Math.min(rest, leastChunkBytes)
      ? Math.min(chunk, this.#windowBytes)
      : undefined;
  }

  #sendChunk(message: Sending, count: number): void {
    const first = !message.begun;
    if (first) this.#begin(message);
    const last = message.sent + count === message.bytes.length;
    const flags =
      (first ? dataFlag.first : 0) | (last ? dataFlag.last : 0) | (message.granted ? 0 : dataFlag.charged);
    const header = encodePeerHeader(
      {
        type: peerFrame.data,
        flags,
        kind: message.kind,
        tag: message.tag,
        message: message.id,
        total: message.bytes.length,
      },
      count,
    );
    if (!message.granted) this.#windowBytes -= count;
    const payload = message.bytes.subarray(message.sent, message.sent + count);
    message.sent += count;
    this.counters.bytes += count;
    if (last) this.#finish(message);
    this.#write(message, header, payload, last);
  }

  #begin(message: Sending): void {
    message.begun = true;
    message.id = this.#nextMessage;
    this.#nextMessage += 1;
    this.#windowMessages -= 1;
    this.#begun.set(message.id, message);
  }

  #write(message: Sending, header: Uint8Array, payload: Uint8Array, last: boolean): void {
    if (payload.length === 0 || !message.borrowed) {
      this.#link.write(header, payload);
      if (last) message.resolve();
      return;
    }
    message.held += 1;
    this.#held.add(message);
    this.#link.write(header, payload, () => {
      message.held -= 1;
      if (message.held > 0) return;
      this.#held.delete(message);
      if (message.sent === message.bytes.length) message.resolve();
    });
  }

  #finish(message: Sending): void {
    this.#begun.delete(message.id);
    const lane = this.#lanes.get(message.tag)!;
    lane.shift();
    if (lane.length === 0) this.#lanes.delete(message.tag);
    if (this.#lanes.size === 0) this.#wakeIdle();
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => this.#onDrained.push({ resolve, reject }));
  }

  #wakeIdle(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}
