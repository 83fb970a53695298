// Puts a worker's frames into objects, several at once, and has their readers told when they are there.

import { type Clock, type HubPeer, peerHeaderBytes, type Timer } from "@fnmesh/core/internal";
import { Batch } from "./batch.ts";
import type { Gathering, Layout } from "./layout.ts";
import { encodeFrame, encodePayload } from "./note.ts";
import type { NoteWriter } from "./note-writer.ts";
import type { ObjectStore } from "./object-store.ts";

export interface ObjectWriterOptions {
  readonly store: ObjectStore;
  readonly layout: Layout;
  readonly nameOf: (object: number) => string;
  readonly notes: NoteWriter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** It takes data again. */
  readonly onDrain: () => void;
  /** A put has failed for good. */
  readonly onFailure: (error: unknown) => void;
}

/** An object on its way. */
interface Writing {
  readonly object: number;
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly done: () => void;
}

interface Gathered {
  readonly batch: Batch;
  /** For whom: a peer, or all. */
  readonly key: number;
  readonly peers: Map<number, HubPeer>;
  readonly startedMs: number;
  lastMs: number;
  timer: Timer;
}

const everybody = -1;
/** So many objects wait for each one that is being written: the next is there when one is done. */
const queuedForEachPut = 8;

export class ObjectWriter {
  readonly #options: ObjectWriterOptions;
  readonly #gathered = new Map<number, Gathered>();
  #queue: Writing[] = [];
  #running = 0;
  #nextObject = 0;
  #heldBytes = 0;
  #full = false;
  #stopped = false;
  #onIdle: (() => void)[] = [];

  constructor(options: ObjectWriterOptions) {
    this.#options = options;
  }

  get writable(): boolean {
    return !this.#full;
  }

  /** `number` counts the peer's frames. `header` may have a small payload behind it. */
  write(
    peer: HubPeer,
    number: number,
    header: Uint8Array,
    payload?: Uint8Array,
    released?: () => void,
  ): void {
    if (this.#stopped) return;
    const { gathering } = this.#options.layout;
    const bytes = header.length - peerHeaderBytes + (payload?.length ?? 0);
    if (bytes === 0) {
      this.#writeEmpty(peer, number, header);
      released?.();
    } else if (gathering === undefined) {
      this.#writeObject(peer, number, header, payload, released);
    } else {
      this.#gather(
        gathering,
        peer,
        number,
        payload === undefined ? [header] : [header, kept(payload, released)],
      );
      released?.();
    }
  }

  /** Waits for nothing more to be gathered. */
  flush(): void {
    for (const gathered of this.#gathered.values()) this.#put(gathered);
  }

  /** Resolves when all that was written is in the store, or will never be. */
  async idle(): Promise<void> {
    while (this.#running > 0 && !this.#stopped) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#gathered.values()) timer.cancel();
    this.#gathered.clear();
    this.#queue = [];
    this.#wakeIdle();
  }

  /** Behind frames that are being gathered it goes with them: it would wait for them at the reader anyway. */
  #writeEmpty(peer: HubPeer, number: number, header: Uint8Array): void {
    const gathered = this.#gathered.get(this.#keyOf(peer));
    if (gathered?.batch.has(peer.rank)) this.#add(gathered, peer, number, [header]);
    else this.#options.notes.add(peer, encodeFrame(number, header));
  }

  #writeObject(
    peer: HubPeer,
    number: number,
    header: Uint8Array,
    payload: Uint8Array | undefined,
    released: (() => void) | undefined,
  ): void {
    const object = this.#nextObject++;
    const behind = header.subarray(peerHeaderBytes);
    const parts = [behind, payload].filter((part) => part !== undefined && part.length > 0) as Uint8Array[];
    const bytes = lengthOf(parts);
    this.#hold(bytes);
    this.#enqueue({
      object,
      parts,
      bytes,
      done: () => {
        this.#options.notes.add(peer, encodePayload(number, header, object, 0));
        released?.();
      },
    });
  }

  #gather(gathering: Gathering, peer: HubPeer, number: number, pieces: readonly Uint8Array[]): void {
    const key = this.#keyOf(peer);
    const bytes = lengthOf(pieces);
    let gathered = this.#gathered.get(key);
    if (gathered !== undefined && gathered.batch.bytes + bytes > this.#options.layout.mostObjectBytes) {
      this.#put(gathered);
      gathered = undefined;
    }
    gathered ??= this.#begin(gathering, key);
    this.#add(gathered, peer, number, pieces);
    if (gathered.batch.bytes >= gathering.enoughBytes) this.#put(gathered);
  }

  #begin(gathering: Gathering, key: number): Gathered {
    const { clock } = this.#options;
    const now = clock.now();
    const gathered: Gathered = {
      batch: new Batch(),
      key,
      peers: new Map(),
      startedMs: now,
      lastMs: now,
      timer: clock.setTimer(gathering.idleMs, () => this.#checkIdle(gathering, gathered)),
    };
    this.#gathered.set(key, gathered);
    return gathered;
  }

  #add(gathered: Gathered, peer: HubPeer, number: number, pieces: readonly Uint8Array[]): void {
    gathered.peers.set(peer.rank, peer);
    gathered.lastMs = this.#options.clock.now();
    this.#hold(lengthOf(pieces));
    gathered.batch.add(peer.rank, number, pieces);
  }

  #checkIdle(gathering: Gathering, gathered: Gathered): void {
    const now = this.#options.clock.now();
    const dueMs = Math.min(gathered.lastMs + gathering.idleMs, gathered.startedMs + gathering.mostMs);
    if (now >= dueMs) this.#put(gathered);
    else
      gathered.timer = this.#options.clock.setTimer(dueMs - now, () => this.#checkIdle(gathering, gathered));
  }

  #put(gathered: Gathered): void {
    gathered.timer.cancel();
    this.#gathered.delete(gathered.key);
    const object = this.#nextObject++;
    const { parts, entries } = gathered.batch.lay(object);
    const done = () => {
      for (const [rank, entry] of entries) this.#options.notes.add(gathered.peers.get(rank)!, entry);
    };
    this.#enqueue({ object, parts, bytes: gathered.batch.bytes, done });
  }

  #enqueue(writing: Writing): void {
    this.#queue.push(writing);
    this.#updateFull();
    this.#startNext();
  }

  #startNext(): void {
    const { layout } = this.#options;
    while (this.#running < layout.mostPuts && this.#queue.length > 0) {
      this.#running += 1;
      void this.#write(this.#queue.shift()!);
    }
  }

  async #write({ object, parts, bytes, done }: Writing): Promise<void> {
    const { store, nameOf, signal, onFailure } = this.#options;
    try {
      await store.put(nameOf(object), parts, signal);
      if (!this.#stopped) done();
    } catch (error) {
      if (!this.#stopped) onFailure(error);
    }
    this.#running -= 1;
    this.#heldBytes -= bytes;
    this.#startNext();
    this.#updateFull();
    if (this.#running === 0) this.#wakeIdle();
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#updateFull();
  }

  #updateFull(): void {
    const { layout, onDrain } = this.#options;
    const load = Math.max(
      this.#heldBytes / layout.mostHeldBytes,
      this.#queue.length / (layout.mostPuts * queuedForEachPut),
    );
    if (load >= 1) {
      this.#full = true;
    } else if (this.#full && load <= 1 / 2) {
      this.#full = false;
      if (!this.#stopped) onDrain();
    }
  }

  #keyOf(peer: HubPeer): number {
    return this.#options.layout.gathering?.readers === "one" ? peer.rank : everybody;
  }

  #wakeIdle(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

/** What is borrowed is copied: its owner may change it as soon as `released` is called. */
function kept(payload: Uint8Array, released: (() => void) | undefined): Uint8Array {
  if (released === undefined) return payload;
  const copy = Buffer.allocUnsafeSlow(payload.length);
  copy.set(payload);
  return copy;
}
