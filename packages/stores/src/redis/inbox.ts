// What comes out of this worker's inbox, for whom: each sender's entries exactly once and in order, however often the
// connections broke, and kept for links that are not there yet.

import type { HubPeer } from "@fnmesh/core/internal";
import type { ValueTarget } from "../wire/line-reader.ts";
import { decodeEntryHead, type EntryHead, entryHeadBytes } from "./entry.ts";
import type { FrameFeed } from "./frame-feed.ts";

interface Sender {
  readonly rank: number;
  readonly attempt: number;
  /** The number of its last entry that was taken in. */
  last: number;
  /** Of the entry after that, which the connection broke in: so many bytes are with the feed already. */
  begunBytes: number;
  /** Whole entries that came before its link was there. */
  early: Uint8Array[];
  feed: FrameFeed | undefined;
  /** Whatever it sends is for nobody. */
  ended: boolean;
}

type Place =
  | { readonly to: "feed" }
  | { readonly to: "early"; readonly bytes: Uint8Array }
  | { readonly to: "nobody" };

const nobody: Place = { to: "nobody" };

/** Is itself the target of the entry that is being read: there is one at a time. */
export class Inbox implements ValueTarget {
  readonly #onGap: (sender: EntryHead) => void;
  readonly #senders = new Map<string, Sender>();
  readonly #head = Buffer.allocUnsafeSlow(entryHeadBytes);
  #length = 0;
  /** Bytes of the entry that were read so far. */
  #at = 0;
  #sender: Sender | undefined;
  #place: Place = nobody;
  /** Bytes that the feed had before the connection broke. */
  #skip = 0;

  /** `onGap`: an entry before this one is gone. */
  constructor(onGap: (sender: EntryHead) => void) {
    this.#onGap = onGap;
  }

  /** Frames of this peer go to the feed from now on; what waits for it, in the next microtask. */
  open(peer: HubPeer, feed: FrameFeed): void {
    const sender = this.#senderOf(peer);
    if (sender.ended) return;
    for (const other of this.#ofRank(peer.rank)) if (other !== sender) end(other);
    const early = sender.early.splice(0);
    sender.feed = feed;
    // The caller is about to listen. Nothing is read from a socket before a microtask.
    queueMicrotask(() => {
      for (const bytes of early) {
        feed.push(bytes);
        feed.end();
      }
    });
  }

  /** Nothing more is wanted of this rank. */
  gone(rank: number): void {
    for (const sender of this.#ofRank(rank)) end(sender);
  }

  begin(length: number): this {
    this.#length = length;
    this.#at = 0;
    this.#sender = undefined;
    this.#place = nobody;
    return this;
  }

  /** The connection broke: the entry that was being read will come again, from its start. */
  cut(): void {
    const sender = this.#sender;
    if (sender !== undefined && this.#place.to === "feed" && this.#skip === 0) {
      sender.begunBytes = this.#at - entryHeadBytes;
    }
    this.#sender = undefined;
    this.#place = nobody;
  }

  room(): Uint8Array | undefined {
    if (this.#place.to === "feed" && this.#skip === 0) return this.#sender!.feed!.room();
    return this.#place.to === "early" ? this.#place.bytes.subarray(this.#at - entryHeadBytes) : undefined;
  }

  filled(count: number): void {
    if (this.#place.to === "feed") this.#sender!.feed!.filled(count);
    this.#at += count;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    if (this.#at < entryHeadBytes) {
      at = Math.min(entryHeadBytes - this.#at, bytes.length);
      this.#head.set(bytes.subarray(0, at), this.#at);
      this.#at += at;
      if (this.#at === entryHeadBytes) this.#begun(decodeEntryHead(this.#head));
    }
    if (at < bytes.length) this.#body(at === 0 ? bytes : bytes.subarray(at));
  }

  end(): void {
    const sender = this.#sender;
    if (sender === undefined) return;
    const place = this.#place;
    this.#sender = undefined;
    this.#place = nobody;
    sender.last += 1;
    sender.begunBytes = 0;
    if (place.to === "feed") sender.feed!.end();
    if (place.to !== "early" || sender.ended) return;
    // Its link may have come while it was read.
    if (sender.feed === undefined) sender.early.push(place.bytes);
    else {
      sender.feed.push(place.bytes);
      sender.feed.end();
    }
  }

  #begun(head: EntryHead): void {
    const sender = this.#senderOf(head);
    if (head.number <= sender.last) return; // Sent twice: its answer was lost with a connection.
    if (head.number > sender.last + 1) {
      this.#onGap(head);
      return;
    }
    this.#sender = sender;
    if (sender.ended) this.#place = nobody;
    else if (sender.feed === undefined) {
      this.#place = { to: "early", bytes: Buffer.allocUnsafeSlow(this.#length - entryHeadBytes) };
    } else {
      this.#place = { to: "feed" };
      this.#skip = sender.begunBytes;
    }
  }

  #body(bytes: Uint8Array): void {
    const place = this.#place;
    if (place.to === "early") place.bytes.set(bytes, this.#at - entryHeadBytes);
    else if (place.to === "feed") {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      if (skipped < bytes.length) this.#sender!.feed!.push(bytes.subarray(skipped));
    }
    this.#at += bytes.length;
  }

  #senderOf({ rank, attempt }: HubPeer): Sender {
    const name = `${rank}:${attempt}`;
    const known = this.#senders.get(name);
    if (known !== undefined) return known;
    // What another attempt of a rank with a link sends is not for that link.
    const ended = this.#ofRank(rank).some((other) => other.feed !== undefined);
    const sender: Sender = { rank, attempt, last: 0, begunBytes: 0, early: [], feed: undefined, ended };
    this.#senders.set(name, sender);
    return sender;
  }

  #ofRank(rank: number): Sender[] {
    return [...this.#senders.values()].filter((sender) => sender.rank === rank);
  }
}

function end(sender: Sender): void {
  sender.ended = true;
  sender.early = [];
  sender.feed?.stop();
}
