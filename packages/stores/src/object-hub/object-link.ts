// One pair's frames by way of objects.

import type { FnmeshError } from "@fnmesh/core";
import {
  type HubPeer,
  type Link,
  type LinkEvents,
  type PeerFrameSink,
  toFnmeshError,
} from "@fnmesh/core/internal";
import type { PathName } from "@fnmesh/core/protocol";
import type { Fetcher } from "./fetcher.ts";
import { Inbox } from "./inbox.ts";
import { decodeEntries } from "./note.ts";
import type { ObjectWriter } from "./object-writer.ts";

export interface ObjectLinkOptions {
  readonly path: PathName;
  readonly peer: HubPeer;
  readonly chunkBytes: number;
  readonly writer: ObjectWriter;
  readonly fetcher: Fetcher;
  /** The name of an object of the peer. */
  readonly nameOf: (object: number) => string;
  /** A request for this link has failed, so others' will too. */
  readonly onStoreFailure: (error: FnmeshError) => void;
}

export class ObjectLink implements Link {
  readonly path: PathName;
  readonly chunkBytes: number;
  readonly peer: HubPeer;
  readonly #writer: ObjectWriter;
  readonly #inbox: Inbox;
  #events: LinkEvents | undefined;
  #ended: { readonly error: Error | undefined } | undefined;
  #nextNumber = 0;

  constructor({ path, peer, chunkBytes, writer, fetcher, nameOf, onStoreFailure }: ObjectLinkOptions) {
    this.path = path;
    this.peer = peer;
    this.chunkBytes = chunkBytes;
    this.#writer = writer;
    this.#inbox = new Inbox({
      fetcher,
      chunkBytes,
      nameOf,
      onBroken: (error) => this.end(toFnmeshError(error, "PROTOCOL")),
      onStoreFailure: (cause) => {
        const error = toFnmeshError(cause, "STORE_UNAVAILABLE");
        this.end(error);
        if (error.code !== "STORE_LOST") onStoreFailure(error); // One object that is gone is no other pair's affair.
      },
    });
  }

  get writable(): boolean {
    return this.#writer.writable;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.#events = events;
    if (this.#ended !== undefined) {
      events.onClose(this.#ended.error);
      return;
    }
    this.#inbox.attach(sink);
    // The caller has the link first, in the same turn.
    queueMicrotask(() => this.#inbox.deliver());
  }

  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void {
    if (this.#ended !== undefined) return; // `onClose` tells, or has told.
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) >>> 0;
    this.#writer.write(this.peer, number, header, payload, released);
  }

  /** What the peer told of its frames. */
  take(note: Uint8Array): void {
    try {
      this.#inbox.take(decodeEntries(note, this.chunkBytes));
    } catch (error) {
      this.end(toFnmeshError(error, "PROTOCOL"));
    }
  }

  drained(): void {
    if (this.#ended === undefined) this.#events?.onDrain();
  }

  end(error: Error | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#inbox.close();
    this.#events?.onClose(error);
  }

  close(): void {
    this.end(undefined);
  }

  destroy(error?: Error): void {
    this.end(error);
  }
}
