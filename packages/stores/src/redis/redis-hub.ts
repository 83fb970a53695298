// A worker's way to all peers through Redis: one inbox for each worker, a stream. Whoever sends appends to it over a
// pipelined connection, its owner waits at it on another one.

import { FnmeshError } from "@fnmesh/core";
import type { Hub, HubPeer, Link, StoreConnectOptions, Timer } from "@fnmesh/core/internal";
import { CommandPipe } from "./command-pipe.ts";
import { markerCheck } from "./entrance.ts";
import type { FrameFeed } from "./frame-feed.ts";
import { Inbox } from "./inbox.ts";
import { InboxReader } from "./inbox-reader.ts";
import type { Patience } from "./lasting.ts";
import { lostData } from "./redis-errors.ts";
import { inboxKey, markerKey, ttlMs } from "./redis-keys.ts";
import { type LinkOwner, RedisLink } from "./redis-link.ts";
import type { RedisAddress } from "./redis-url.ts";
import { encodeCommand } from "./resp.ts";

/** Of all links together, written and not yet answered by Redis: keeps its connection busy, whatever the distance. */
const mostUnansweredBytes = 4 * 1024 * 1024;
const resumeBytes = mostUnansweredBytes / 2;
const patience: Patience = { firstMs: 3_000, laterMs: 10_000 };
/** Answers are short. */
const pipeScratchBytes = 16 * 1024;
const readerScratchBytes = 64 * 1024;

/** A server that takes nothing any more holds nobody up for longer. */
const mostClosingMs = 30_000;

/** Rejects with STORE_UNAVAILABLE, STORE_AUTH, STORE_FULL, INVALID_ARGUMENT, or the signal's reason. */
export function openRedisHub(options: StoreConnectOptions, address: RedisAddress): Promise<Hub> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const settle = (error: FnmeshError | undefined) => {
      signal.removeEventListener("abort", aborted);
      if (error === undefined) resolve(hub);
      else reject(error);
    };
    const aborted = () => {
      hub.destroy();
      reject(signal.reason);
    };
    const hub = new RedisHub(options, address, settle);
    signal.addEventListener("abort", aborted, { once: true });
  });
}

class RedisHub implements Hub, LinkOwner {
  readonly path = "redis";
  readonly self: HubPeer;
  readonly shown: string;
  readonly #options: StoreConnectOptions;
  readonly #key: string;
  readonly #inbox: Inbox;
  readonly #pipe: CommandPipe;
  #reader: InboxReader | undefined;
  /** By rank, those that were drained longest ago first. */
  readonly #links = new Map<number, RedisLink>();
  readonly #gone = new Map<number, FnmeshError>();
  readonly #changed = new Set<RedisLink>();
  readonly #timers = new Set<Timer>();
  #flush: NodeJS.Immediate | undefined;
  #unanswered = 0;
  #full = false;
  #ended: FnmeshError | undefined;
  #closing: Promise<void> | undefined;

  /** `onSettled`: once, when both connections are ready, or cannot be had. */
  constructor(
    options: StoreConnectOptions,
    address: RedisAddress,
    onSettled: (error: FnmeshError | undefined) => void,
  ) {
    const { job, self, env, usage } = options;
    this.#options = options;
    this.self = self;
    this.shown = address.shown;
    this.#key = inboxKey(job, self.rank, self.attempt);
    this.#inbox = new Inbox(({ rank }) => onFailed(lostData(this.shown, `what worker ${rank} sent`)));
    let settled = (error: FnmeshError | undefined) => {
      settled = () => {};
      onSettled(error);
    };
    const onFailed = (error: FnmeshError) => {
      this.#end(error);
      settled(error);
    };
    const marker = markerKey(job);
    const shared = { address, env, usage, marker, patience, check: markerCheck(this.shown), onFailed };
    const read = () => {
      const { key, inbox } = { key: this.#key, inbox: this.#inbox };
      const onReady = () => settled(undefined);
      return new InboxReader({ ...shared, scratchBytes: readerScratchBytes, key, inbox, onReady });
    };
    const value = Buffer.from(env.random.bytes(12)).toString("hex");
    this.#pipe = new CommandPipe({
      ...shared,
      scratchBytes: pipeScratchBytes,
      before: ["SET", marker, value, "NX", "PX", this.ttlMs()],
      onReady: () => {
        this.#makeInbox();
        this.#reader = read();
      },
    });
  }

  get writable(): boolean {
    return !this.#full;
  }

  ttlMs(): number {
    return ttlMs(this.#options.remainingMs());
  }

  open(peer: HubPeer): Link {
    const link = new RedisLink(peer, inboxKey(this.#options.job, peer.rank, peer.attempt), this);
    const over = this.#gone.get(peer.rank) ?? this.#ended;
    if (over !== undefined) link.end(over);
    else this.#links.set(peer.rank, link);
    return link;
  }

  gone(peer: number, error: FnmeshError): void {
    this.#gone.set(peer, error);
    this.#links.get(peer)?.end(error);
    this.#inbox.gone(peer);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  destroy(): void {
    this.#end(new FnmeshError("CLOSED", "this worker has ended its connections"));
  }

  changed(link: RedisLink): void {
    this.#changed.add(link);
    // All that is written in this turn of the event loop goes together.
    this.#flush ??= setImmediate(() => this.#flushNow());
  }

  took(bytes: number): void {
    this.#options.usage.writtenBytes += bytes;
    this.#unanswered += bytes;
    if (this.#unanswered >= mostUnansweredBytes) this.#full = true;
  }

  gave(bytes: number): void {
    this.#unanswered -= bytes;
    if (!this.#full || this.#unanswered > resumeBytes) return;
    this.#full = false;
    for (const [rank, link] of [...this.#links]) {
      if (this.#full) return;
      // To the end of the line, for the next time.
      if (this.#links.delete(rank)) this.#links.set(rank, link);
      link.drained();
    }
  }

  listen(peer: HubPeer, feed: FrameFeed): void {
    this.#inbox.open(peer, feed);
  }

  ended({ rank }: HubPeer): void {
    this.#inbox.gone(rank);
  }

  later(delayMs: number, act: () => void): void {
    const timer = this.#options.env.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  #makeInbox(): void {
    this.#pipe.add({ parts: encodeCommand(["XADD", this.#key, "*", "d", ""]) });
    this.#pipe.add({ parts: encodeCommand(["PEXPIRE", this.#key, this.ttlMs()]) });
    this.#pipe.flush();
  }

  #flushNow(): void {
    if (this.#flush !== undefined) clearImmediate(this.#flush);
    this.#flush = undefined;
    for (const link of this.#changed) for (const command of link.commands()) this.#pipe.add(command);
    this.#changed.clear();
    this.#pipe.flush();
  }

  async #close(): Promise<void> {
    if (this.#ended !== undefined) return;
    let late: Timer | undefined;
    const tooLong = new Promise<void>((resolve) => {
      late = this.#options.env.clock.setTimer(mostClosingMs, resolve);
    });
    this.#flushNow();
    await Promise.race([this.#pipe.idle(), tooLong]);
    this.#reader?.destroy();
    // Nobody else reads it, and this worker is done with it.
    const removed = this.#pipe.ask("UNLINK", this.#key);
    await Promise.race([removed, this.#pipe.idle(), tooLong]);
    late?.cancel();
    this.#end(undefined);
  }

  #end(error: FnmeshError | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = error ?? new FnmeshError("CLOSED", "this worker has ended its connections");
    if (this.#flush !== undefined) clearImmediate(this.#flush);
    this.#pipe.destroy();
    this.#reader?.destroy();
    for (const timer of this.#timers) timer.cancel();
    this.#changed.clear();
    for (const link of this.#links.values()) link.end(error);
  }
}
