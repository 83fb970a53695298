// The receiving half of a session: puts chunks together into messages, and gives the sender its window back as
// messages find receivers.
//
// Window: until a receiver has a message, its bytes count ("charged"), and no peer may have more of them here than
// the window. When a receiver has it, they are given back, and the sender is granted the rest without limit: the
// receiver has asked for it. So an unreceived message can never block a later one that somebody waits for.

import { FnmeshError, protocolError } from "../errors/errors.ts";
import { valueKind } from "../values/values.ts";
import type { Incoming, Mailbox } from "./mailbox.ts";
import { dataFlag, encodePeerHeader, type PeerHeader, peerFrame } from "./peer-frame.ts";

export interface Window {
  /** Bytes of messages that nobody has asked for yet. */
  readonly bytes: number;
  /** The number of such messages. */
  readonly messages: number;
}

export interface InboundOptions {
  readonly from: number;
  readonly mailbox: Mailbox;
  readonly window: Window;
  readonly mostMessageBytes: number;
  /** Sends a frame without payload. */
  readonly reply: (frame: Uint8Array) => void;
}

export interface InboundCounters {
  messages: number;
  bytes: number;
}

class InboundMessage implements Incoming {
  readonly from: number;
  readonly tag: number;
  readonly kind: number;
  readonly total: number;
  readonly id: number;
  readonly #owner: Inbound;
  readonly #pieces: Uint8Array[] = [];
  #buffer: Uint8Array | undefined;
  /** Where the next chunk goes; runs ahead of what is here by the chunk that is being read. */
  placed = 0;
  charged = 0;
  /** Memory that was taken at the announcement. */
  readonly reserved: number;
  matched = false;
  whole = false;

  constructor(owner: Inbound, from: number, header: PeerHeader, mayAllocate: boolean) {
    this.#owner = owner;
    this.from = from;
    this.tag = header.tag;
    this.kind = header.kind;
    this.total = header.total;
    this.id = header.message;
    this.reserved = mayAllocate ? this.total : 0;
    if (mayAllocate) this.#buffer = allocate(this.total);
  }

  place(count: number): Uint8Array {
    if (this.#buffer === undefined && this.matched) this.#gather();
    const at = this.placed;
    this.placed += count;
    if (this.#buffer !== undefined) return this.#buffer.subarray(at, at + count);
    const piece = allocate(count);
    this.#pieces.push(piece);
    return piece;
  }

  onMatched(): void {
    if (this.matched) return; // Its first receiver gave up; it was paid for then.
    this.matched = true;
    this.#owner.onMatched(this);
  }

  take(): Uint8Array {
    if (this.#buffer === undefined) this.#gather();
    return this.#buffer!;
  }

  #gather(): void {
    const buffer = allocate(this.total);
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      buffer.set(piece, at);
      at += piece.length;
    }
    this.#buffer = buffer;
  }
}

/** Small messages share slabs, as Node's own reads do; a large one has memory of its own, aligned for typed arrays. */
const allocate = (count: number): Uint8Array =>
  count <= 1024 ? Buffer.allocUnsafe(count) : Buffer.allocUnsafeSlow(count);

const laneOf = (kind: number) => (kind >= valueKind.streamChunk ? "stream" : "message");

export class Inbound {
  readonly counters: InboundCounters = { messages: 0, bytes: 0 };
  readonly #options: InboundOptions;
  readonly #open = new Map<number, InboundMessage>();
  #nextMessage = 0;
  #unmatchedBytes = 0;
  #owedBytes = 0;
  #owedMessages = 0;
  #unmatchedMessages = 0;
  /** Memory that was taken for announced messages before anybody asked for them. */
  #reservedBytes = 0;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** Where a data frame's payload goes. Throws PROTOCOL, MESSAGE_TOO_LARGE. */
  place(header: PeerHeader): Uint8Array {
    const message = this.#messageOf(header);
    if (message.placed + header.payloadBytes > message.total) {
      throw protocolError("a message longer than it said");
    }
    return message.place(header.payloadBytes);
  }

  /** A data frame is whole. Throws PROTOCOL. */
  data(header: PeerHeader): void {
    // A frame without payload was never placed: a new message begins here.
    const message = header.payloadBytes === 0 ? this.#messageOf(header) : this.#open.get(header.message)!;
    this.counters.bytes += header.payloadBytes;
    if ((header.flags & dataFlag.charged) !== 0) this.#charge(message, header.payloadBytes);
    else if (!message.matched) throw protocolError("bytes past the window that were not granted");
    const last = (header.flags & dataFlag.last) !== 0;
    if (last !== (message.placed === message.total)) throw protocolError("a message shorter than it said");
    if (last) {
      message.whole = true;
      this.#open.delete(message.id);
      this.counters.messages += laneOf(message.kind) === "message" ? 1 : 0;
    }
    if ((header.flags & dataFlag.first) !== 0) this.#options.mailbox.begin(message, laneOf(message.kind));
    else if (last) this.#options.mailbox.finish(message);
  }

  onMatched(message: InboundMessage): void {
    this.#unmatchedMessages -= 1;
    this.#reservedBytes -= message.reserved;
    this.#repay(message.charged, 1);
    message.charged = 0;
    if (!message.whole) this.#options.reply(encodePeerHeader({ type: peerFrame.grant, message: message.id }));
  }

  /** The link is gone: what is not whole will never be. */
  fail(error: FnmeshError): void {
    for (const message of this.#open.values()) this.#options.mailbox.drop(message, error);
    this.#open.clear();
  }

  #messageOf(header: PeerHeader): InboundMessage {
    const open = this.#open.get(header.message);
    if ((header.flags & dataFlag.first) === 0) {
      if (open === undefined) throw protocolError("a chunk of a message that never began");
      return open;
    }
    if (open !== undefined || header.message !== this.#nextMessage) {
      throw protocolError(`message ${header.message} came out of order`);
    }
    return this.#begin(header);
  }

  #begin(header: PeerHeader): InboundMessage {
    const { from, window, mostMessageBytes } = this.#options;
    if (header.total > mostMessageBytes) {
      throw new FnmeshError("MESSAGE_TOO_LARGE", `a message of ${header.total} bytes from worker ${from}`);
    }
    if (this.#unmatchedMessages >= window.messages) {
      throw protocolError("more unreceived messages than the window allows");
    }
    this.#nextMessage += 1;
    this.#unmatchedMessages += 1;
    // Memory for all of it at once only if the window could hold it; otherwise piece by piece, until it is asked for.
    const fits = header.total <= window.bytes - Math.max(this.#unmatchedBytes, this.#reservedBytes);
    const message = new InboundMessage(this, from, header, fits);
    this.#reservedBytes += message.reserved;
    this.#open.set(header.message, message);
    return message;
  }

  #charge(message: InboundMessage, count: number): void {
    if (message.matched) {
      // It was on its way when the grant was: it never counts here.
      this.#repayBytes(count);
      return;
    }
    message.charged += count;
    this.#unmatchedBytes += count;
    if (this.#unmatchedBytes > this.#options.window.bytes) {
      throw protocolError("more bytes than the window allows");
    }
  }

  #repay(bytes: number, messages: number): void {
    this.#unmatchedBytes -= bytes;
    this.#owedMessages += messages;
    this.#repayBytes(bytes);
  }

  /** A quarter of the window at a time: one small frame for many messages. */
  #repayBytes(bytes: number): void {
    const { window, reply } = this.#options;
    this.#owedBytes += bytes;
    if (this.#owedBytes < window.bytes / 4 && this.#owedMessages < window.messages / 4) return;
    reply(encodePeerHeader({ type: peerFrame.window, total: this.#owedBytes, message: this.#owedMessages }));
    this.#owedBytes = 0;
    this.#owedMessages = 0;
  }
}
