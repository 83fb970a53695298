// A way to all peers by way of objects in a store. Payloads go into objects; where they are, and frames that have no
// payload, go as notes over the workers' control connections: so nobody polls, and nobody lists.

import { setMaxListeners } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import {
  type Env,
  type Hub,
  type HubPeer,
  type Link,
  type Notices,
  toFnmeshError,
} from "@fnmesh/core/internal";
import type { PathName } from "@fnmesh/core/protocol";
import { Fetcher } from "./fetcher.ts";
import { fitted, type Layout } from "./layout.ts";
import { decodeNoteHead } from "./note.ts";
import { NoteWriter } from "./note-writer.ts";
import { ObjectLink } from "./object-link.ts";
import { objectName, type WriterId } from "./object-name.ts";
import type { ObjectStore } from "./object-store.ts";
import { ObjectWriter } from "./object-writer.ts";

export interface ObjectHubOptions {
  readonly path: PathName;
  readonly job: string;
  readonly self: WriterId;
  readonly store: ObjectStore;
  readonly layout: Layout;
  /** Of this hub alone. */
  readonly notices: Notices;
  readonly env: Pick<Env, "clock" | "log">;
}

class ObjectHub implements Hub {
  readonly path: PathName;
  readonly #options: ObjectHubOptions;
  readonly #layout: Layout;
  readonly #ending = new AbortController();
  readonly #notes: NoteWriter;
  readonly #writer: ObjectWriter;
  readonly #fetcher: Fetcher;
  readonly #links = new Map<number, ObjectLink>();
  /** Whoever is told of a pair later than its peer: the notes wait, and the objects stay in the store. */
  readonly #early = new Map<number, Uint8Array[]>();
  readonly #gone = new Map<number, FnmeshError>();
  /** Who is told first that it may write again: the one that found it full last time. */
  #firstDrained = 0;
  #ended: { readonly error: FnmeshError | undefined } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ObjectHubOptions) {
    const { store, job, self, notices, env } = options;
    const { signal } = this.#ending;
    setMaxListeners(0, signal); // Each request under way listens.
    const layout = fitted(options.layout, store.mostBytes);
    this.path = options.path;
    this.#options = options;
    this.#layout = layout;
    this.#notes = new NoteWriter(notices, self.attempt);
    this.#writer = new ObjectWriter({
      store,
      layout,
      nameOf: (object) => objectName(job, self, object),
      notes: this.#notes,
      clock: env.clock,
      signal,
      onDrain: () => this.#drained(),
      onFailure: (error) => this.#fail(error),
    });
    this.#fetcher = new Fetcher({ store, layout, signal });
    notices.onNote((from, note) => this.#onNote(from, note));
  }

  open(peer: HubPeer): Link {
    const { job } = this.#options;
    const link = new ObjectLink({
      path: this.path,
      peer,
      chunkBytes: this.#layout.chunkBytes,
      writer: this.#writer,
      fetcher: this.#fetcher,
      nameOf: (object) => objectName(job, peer, object),
      onStoreFailure: (error) => this.#fail(error),
    });
    this.#links.set(peer.rank, link);
    const over = this.#gone.get(peer.rank) ?? this.#ended?.error;
    if (over !== undefined || this.#ended !== undefined) link.end(over);
    const early = this.#early.get(peer.rank) ?? [];
    this.#early.delete(peer.rank);
    for (const note of early) this.#onNote(peer.rank, note);
    return link;
  }

  gone(peer: number, error: FnmeshError): void {
    this.#gone.set(peer, error);
    this.#early.delete(peer);
    this.#links.get(peer)?.end(error);
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  destroy(): void {
    this.#end(new FnmeshError("CLOSED", "this worker has ended its connections"));
  }

  async #finish(): Promise<void> {
    this.#writer.flush();
    await this.#writer.idle();
    this.#notes.flush();
    await this.#fetcher.idle();
    this.#end(undefined);
    await this.#options.store.close();
  }

  #onNote(from: number, note: Uint8Array): void {
    if (this.#ended !== undefined || this.#gone.has(from)) return;
    try {
      const head = decodeNoteHead(note);
      if (head.to !== this.#options.self.attempt) return;
      const link = this.#links.get(from);
      if (link === undefined) this.#early.set(from, [...(this.#early.get(from) ?? []), note]);
      else if (link.peer.attempt === head.from) link.take(note);
    } catch (error) {
      this.#links.get(from)?.end(toFnmeshError(error, "PROTOCOL"));
    }
  }

  #drained(): void {
    const links = [...this.#links.values()];
    const first = this.#firstDrained;
    for (let turn = 0; turn < links.length && this.#writer.writable; turn += 1) {
      const index = (first + turn) % links.length;
      this.#firstDrained = index + 1;
      links[index]!.drained();
    }
  }

  #fail(cause: unknown): void {
    const error = toFnmeshError(cause, "STORE_UNAVAILABLE");
    if (this.#ended !== undefined) return;
    this.#options.env.log.warn("the store failed", {
      path: this.path,
      code: error.code,
      error: error.message,
    });
    this.#end(error);
  }

  #end(error: FnmeshError | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#writer.stop();
    this.#notes.stop();
    this.#ending.abort(error ?? new FnmeshError("CLOSED", "this worker has ended its connections"));
    this.#early.clear();
    for (const link of this.#links.values()) link.end(error);
    if (error !== undefined) void this.#options.store.close().catch(() => {}); // It has failed already.
  }
}

/** The store is the hub's from now on, and closed with it. */
export const createObjectHub = (options: ObjectHubOptions): Hub => new ObjectHub(options);
