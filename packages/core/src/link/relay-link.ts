// Links through the orchestrator: one connection for all peers of a worker that cannot be reached directly.

import { PeerFrameReader, type PeerFrameSink } from "../channel/peer-frame-reader.ts";
import type { Socket } from "../env/env.ts";
import { FnmeshError, protocolError } from "../errors/errors.ts";
import type { Hub } from "../hub/hub.ts";
import type { Frame } from "../protocol/frame.ts";
import {
  decodeRelayData,
  encodeRelayData,
  mostRelayFrameBytes,
  relayChunkBytes,
  relayFrame,
} from "../protocol/relay.ts";
import { type FrameSocket, frameSocket } from "../rendezvous/frame-socket.ts";
import type { Link, LinkEvents } from "./link.ts";

class RelayLink implements Link {
  readonly path = "relay";
  readonly chunkBytes = relayChunkBytes;
  readonly #peer: number;
  readonly #frames: FrameSocket;
  readonly #reader: PeerFrameReader;
  #events: LinkEvents | undefined;
  #ended: { readonly error: Error | undefined } | undefined;

  constructor(peer: number, frames: FrameSocket) {
    this.#peer = peer;
    this.#frames = frames;
    const nobody: PeerFrameSink = { place: () => unread(), frame: () => unread() };
    this.#reader = new PeerFrameReader(nobody, (error) => this.end(error as Error));
  }

  get writable(): boolean {
    return this.#frames.writable;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.#reader.sink = sink;
    this.#events = events;
    if (this.#ended !== undefined) events.onClose(this.#ended.error);
  }

  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void {
    if (this.#ended !== undefined) return;
    this.#frames.write(encodeRelayData(this.#peer, payload === undefined ? [header] : [header, payload]));
    released?.(); // It was copied.
  }

  read(bytes: Uint8Array): void {
    if (this.#ended === undefined) this.#reader.push(bytes);
  }

  drained(): void {
    this.#events?.onDrain();
  }

  /** The other end, or the connection, is gone. */
  end(error: Error | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    this.#events?.onClose(error);
  }

  close(): void {
    this.end(undefined);
  }

  destroy(error?: Error): void {
    this.end(error);
  }
}

function unread(): never {
  throw protocolError("a relayed frame before its session");
}

/** `socket` is the secured connection with purpose "relay". `onBroken`: it carries nothing any more. */
export function relayHub(socket: Socket, onBroken: () => void): Hub {
  const links = new Map<number, RelayLink>();
  /** A peer may learn of the relay a moment earlier than this worker: its first frames wait here, within its window. */
  const early = new Map<number, Uint8Array[]>();
  let broken: FnmeshError | undefined;
  const frames = frameSocket(socket, mostRelayFrameBytes, {
    onFrame: (frame: Frame) => {
      if (frame.type === relayFrame.ready) return;
      const { rank, bytes } = decodeRelayData(frame);
      const link = links.get(rank);
      if (link !== undefined) link.read(bytes);
      else early.set(rank, [...(early.get(rank) ?? []), bytes]);
    },
    onDrain: () => {
      for (const link of links.values()) link.drained();
    },
    onClose: (error) => {
      broken = error ?? new FnmeshError("ORCHESTRATOR_UNAVAILABLE", "the relay closed the connection");
      onBroken();
      for (const link of links.values()) link.end(broken);
    },
  });
  return {
    path: "relay",
    open({ rank: peer }) {
      const link = new RelayLink(peer, frames);
      if (broken !== undefined) link.end(broken);
      links.set(peer, link);
      const waiting = early.get(peer) ?? [];
      early.delete(peer);
      // The caller attaches its session first, in the same turn.
      queueMicrotask(() => {
        for (const bytes of waiting) link.read(bytes);
      });
      return link;
    },
    gone: (peer, error) => links.get(peer)?.end(error),
    close: async () => frames.close(),
    destroy: () => frames.destroy(),
  };
}
