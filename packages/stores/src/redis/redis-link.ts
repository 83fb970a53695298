// A pair's frames by way of Redis: what is written in one turn becomes one entry of the peer's inbox.

import type { HubPeer, Link, LinkEvents, PeerFrameSink } from "@fnmesh/core/internal";
import type { Command } from "./command-pipe.ts";
import { encodeEntryHead } from "./entry.ts";
import { FrameFeed } from "./frame-feed.ts";
import { lostData } from "./redis-errors.ts";
import { encodeCommand, type Reply } from "./resp.ts";

/** Large enough that Redis's work for an entry is small beside its bytes. */
export const redisChunkBytes = 1024 * 1024;
/** An entry that has so much takes no further frame. */
const fullEntryBytes = redisChunkBytes;
/** The peer may have left in order, and its last frames be on their way. */
const graceMs = 2_000;

/** What links share: the hub. */
export interface LinkOwner {
  readonly writable: boolean;
  readonly self: HubPeer;
  /** The server, for messages. */
  readonly shown: string;
  /** For commands that make a key: when it goes by itself. */
  ttlMs(): number;
  later(delayMs: number, act: () => void): void;
  /** The link has an entry for the next flush. */
  changed(link: RedisLink): void;
  /** Bytes that were written to a link, or whose entry Redis has. */
  took(bytes: number): void;
  gave(bytes: number): void;
  listen(peer: HubPeer, feed: FrameFeed): void;
  ended(peer: HubPeer): void;
}

interface Entry {
  frames: Uint8Array[];
  bytes: number;
  released: (() => void)[];
}

const emptyEntry = (): Entry => ({ frames: [], bytes: 0, released: [] });

export class RedisLink implements Link {
  readonly path = "redis";
  readonly chunkBytes = redisChunkBytes;
  readonly peer: HubPeer;
  readonly #key: string;
  readonly #owner: LinkOwner;
  #entry = emptyEntry();
  /** Full entries, before the one that is still open. */
  #full: Entry[] = [];
  #number = 0;
  #events: LinkEvents | undefined;
  #ended: { readonly error: Error | undefined } | undefined;

  constructor(peer: HubPeer, key: string, owner: LinkOwner) {
    this.peer = peer;
    this.#key = key;
    this.#owner = owner;
  }

  get writable(): boolean {
    return this.#owner.writable;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.#events = events;
    if (this.#ended !== undefined) {
      events.onClose(this.#ended.error);
      return;
    }
    const fail = (error: Error) => this.destroy(error);
    this.#owner.listen(this.peer, new FrameFeed(sink, redisChunkBytes, fail));
  }

  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void {
    if (this.#ended !== undefined) return;
    const bytes = header.length + (payload?.length ?? 0);
    const entry = this.#entry;
    entry.frames.push(header);
    if (payload !== undefined && payload.length > 0) entry.frames.push(payload);
    if (released !== undefined) entry.released.push(released);
    entry.bytes += bytes;
    this.#owner.took(bytes);
    if (entry.bytes >= fullEntryBytes) this.#seal();
    this.#owner.changed(this);
  }

  /** The commands for what was written since the last call. */
  commands(): Command[] {
    this.#seal();
    return this.#full.splice(0).flatMap((entry) => this.#commandsOf(entry));
  }

  drained(): void {
    this.#events?.onDrain();
  }

  /** The hub, or the peer, is gone. */
  end(error: Error | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#owner.ended(this.peer);
    this.#events?.onClose(error);
  }

  close(): void {
    this.end(undefined); // What was written is the hub's.
  }

  destroy(error?: Error): void {
    this.end(error);
  }

  #seal(): void {
    if (this.#entry.bytes === 0) return;
    this.#full.push(this.#entry);
    this.#entry = emptyEntry();
  }

  #commandsOf({ frames, bytes, released }: Entry): Command[] {
    const { rank, attempt } = this.#owner.self;
    this.#number += 1;
    const first = this.#number === 1;
    const head = encodeEntryHead({ rank, attempt, number: this.#number });
    const onReply = (reply: Reply) => {
      for (const release of released) release();
      this.#owner.gave(bytes);
      if (reply === null) this.#inboxIsGone();
    };
    // The first entry makes the inbox when its owner has not yet come; a later one must not make it again.
    const words = ["XADD", this.#key, ...(first ? [] : ["NOMKSTREAM"]), "*", "d"];
    const entry: Command = { parts: encodeCommand(words, [head, ...frames]), onReply };
    if (!first) return [entry];
    return [entry, { parts: encodeCommand(["PEXPIRE", this.#key, this.#owner.ttlMs()]) }];
  }

  /** Its owner has left and taken it away; or Redis has lost it, and the peer's link must not wait for ever. */
  #inboxIsGone(): void {
    this.#owner.later(graceMs, () =>
      this.end(lostData(this.#owner.shown, `the inbox of worker ${this.peer.rank}`)),
    );
  }
}
