// One job's relay: takes frames from each worker's relay connection and gives them to the receiver's. Bandwidth is
// shared fairly by the senders; memory is bounded by holding back the sender, never by dropping.

import { FnmeshError } from "@fnmesh/core";
import { decodeRelayData, encodeRelayData, type Frame, mostRelayFrameBytes } from "@fnmesh/core/protocol";
import { FairQueue } from "./fair-queue.ts";

/** A sender with more than this queued is held back until half of it has gone. */
export const mostQueuedBytesPerSource = 1024 * 1024;
/** What a queued frame costs beside its bytes: a flood of tiny frames is bounded too. */
const frameOverheadBytes = 128;

/** The way out to one worker. */
export interface RelayExit {
  /** False: wait until `Relay.roomFor` is called for that rank. */
  write(frame: Uint8Array): boolean;
}

export interface RelayOptions {
  readonly size: number;
  /** `source` sent to somebody who takes nothing (any more, or just now): told once for each pair and absence. */
  readonly onUndeliverable: (source: number, destination: number) => void;
}

interface Source {
  queuedBytes: number;
  resume: (() => void) | undefined;
}

interface Destination {
  readonly queue: FairQueue<Uint8Array>;
  exit: RelayExit | undefined;
  hasRoom: boolean;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #sources = new Map<number, Source>();
  readonly #destinations = new Map<number, Destination>();
  readonly #gone = new Set<number>();
  /** Their connection has ended, and they may come again. */
  readonly #lost = new Set<number>();
  readonly #told = new Set<number>();
  #relayedBytes = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Bytes of peer frames passed on. */
  get relayedBytes(): number {
    return this.#relayedBytes;
  }

  /** What waits from one source, overhead included. */
  queuedBytes(source: number): number {
    return this.#sources.get(source)?.queuedBytes ?? 0;
  }

  /** The worker's relay connection has come: what was held for it goes out. */
  open(rank: number, exit: RelayExit): void {
    if (this.#lost.delete(rank)) this.#forgetTold(rank);
    this.#destination(rank).exit = exit;
    this.roomFor(rank);
  }

  roomFor(rank: number): void {
    const destination = this.#destinations.get(rank);
    if (destination === undefined) return;
    destination.hasRoom = true;
    this.#pump(destination);
  }

  /** The worker takes nothing any more: what waits for it is dropped. May be called twice. */
  close(rank: number): void {
    this.#gone.add(rank);
    this.#drop(rank);
  }

  /**
   * The worker's connection has ended, but it may come again: until then, what is sent to it is dropped. Held, it would
   * hold its senders back, and nobody reads it: its pairs have left this relay.
   */
  lost(rank: number): void {
    this.#lost.add(rank);
    this.#drop(rank);
  }

  #drop(rank: number): void {
    const destination = this.#destinations.get(rank);
    this.#destinations.delete(rank);
    for (let next = destination?.queue.shift(); next !== undefined; next = destination?.queue.shift()) {
      this.#release(next.source, next.bytes);
    }
  }

  /** Passes a frame on. A promise holds the source back until it resolves. Throws PROTOCOL. */
  accept(source: number, frame: Frame): void | Promise<void> {
    const { rank, bytes } = decodeRelayData(frame);
    if (rank >= this.#options.size || rank === source) {
      throw new FnmeshError("PROTOCOL", `a relay frame for rank ${rank}`);
    }
    if (this.#gone.has(rank) || this.#lost.has(rank)) return this.#tellGone(source, rank);
    // A copy: the received bytes are part of a larger piece of memory, which the queue must not keep alive.
    const copy = encodeRelayData(source, [bytes]);
    const cost = copy.length + frameOverheadBytes;
    const from = this.#source(source);
    from.queuedBytes += cost;
    const destination = this.#destination(rank);
    destination.queue.push(source, copy, cost);
    this.#relayedBytes += bytes.length;
    this.#pump(destination);
    if (from.queuedBytes <= mostQueuedBytesPerSource) return;
    return new Promise((resolve) => {
      from.resume = resolve;
    });
  }

  #pump(destination: Destination): void {
    const { queue, exit } = destination;
    while (exit !== undefined && destination.hasRoom) {
      const next = queue.shift();
      if (next === undefined) return;
      destination.hasRoom = exit.write(next.item);
      this.#release(next.source, next.bytes);
    }
  }

  #release(rank: number, bytes: number): void {
    const source = this.#source(rank);
    source.queuedBytes -= bytes;
    if (source.resume === undefined || source.queuedBytes > mostQueuedBytesPerSource / 2) return;
    const { resume } = source;
    source.resume = undefined;
    resume();
  }

  #tellGone(source: number, destination: number): void {
    const pair = source * this.#options.size + destination;
    if (this.#told.has(pair)) return;
    this.#told.add(pair);
    this.#options.onUndeliverable(source, destination);
  }

  #forgetTold(destination: number): void {
    for (const pair of this.#told) {
      if (pair % this.#options.size === destination) this.#told.delete(pair);
    }
  }

  #source(rank: number): Source {
    const known = this.#sources.get(rank);
    if (known !== undefined) return known;
    const source: Source = { queuedBytes: 0, resume: undefined };
    this.#sources.set(rank, source);
    return source;
  }

  #destination(rank: number): Destination {
    const known = this.#destinations.get(rank);
    if (known !== undefined) return known;
    const destination: Destination = {
      // A turn is one longest frame: pairs take turns as finely as frames allow.
      queue: new FairQueue(mostRelayFrameBytes + frameOverheadBytes),
      exit: undefined,
      hasRoom: false,
    };
    this.#destinations.set(rank, destination);
    return destination;
  }
}
