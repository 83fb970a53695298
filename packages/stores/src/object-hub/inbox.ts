// One peer's frames: read in any order, taken in by their numbers.

import { FnmeshError } from "@fnmesh/core";
import {
  decodePeerHeader,
  type PeerFrameSink,
  type PeerHeader,
  peerHeaderBytes,
} from "@fnmesh/core/internal";
import type { Fetch, Fetcher } from "./fetcher.ts";
import type { Entry, Place } from "./note.ts";

export interface InboxOptions {
  readonly fetcher: Fetcher;
  readonly chunkBytes: number;
  readonly nameOf: (object: number) => string;
  /** The frames make no sense, or their sink has thrown. */
  readonly onBroken: (error: unknown) => void;
  /** The store did not give what was told of. */
  readonly onStoreFailure: (error: unknown) => void;
}

/** What has come, with its payload once that is read. */
interface Arrival {
  readonly entry: Entry;
  fetch?: Fetch;
  /** The sink's own memory: it has asked for the frame to be read into it. */
  placed?: { readonly sink: PeerFrameSink; readonly memory: Uint8Array };
  bytes?: Uint8Array;
}

const nothing = new Uint8Array(0);
const after = (number: number, count: number): number => (number + count) >>> 0;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #arrivals = new Map<number, Arrival>();
  #sink: PeerFrameSink | undefined;
  #expected = 0;
  #closed = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Frames go there from now on. */
  attach(sink: PeerFrameSink): void {
    this.#sink = sink;
  }

  take(entries: readonly Entry[]): void {
    if (this.#closed) return;
    for (const entry of entries) {
      if (this.#arrivals.has(entry.number)) throw twice(entry.number);
      const arrival: Arrival = { entry };
      this.#arrivals.set(entry.number, arrival);
      if (entry.kind !== "frame") this.#request(arrival, entry.place);
    }
    this.deliver();
  }

  /** Hands over what is next, as far as it is here. */
  deliver(): void {
    while (!this.#closed && this.#sink !== undefined) {
      const arrival = this.#arrivals.get(this.#expected);
      if (arrival === undefined || (arrival.entry.kind !== "frame" && arrival.bytes === undefined)) break;
      this.#arrivals.delete(this.#expected);
      this.#expected = after(this.#expected, arrival.entry.kind === "run" ? arrival.entry.count : 1);
      this.#handOver(arrival, this.#sink);
    }
    this.#options.fetcher.pump();
  }

  /** Takes nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { fetch, bytes } of this.#arrivals.values()) {
      if (fetch !== undefined) this.#options.fetcher.drop(fetch);
      if (bytes !== undefined) this.#options.fetcher.taken(bytes.length);
    }
    this.#arrivals.clear();
    this.#options.fetcher.pump();
  }

  #request(arrival: Arrival, { object, offset, length }: Place): void {
    const { fetcher, nameOf } = this.#options;
    const isNext = () => arrival.entry.number === this.#expected;
    arrival.fetch = {
      range: { name: nameOf(object), offset, length },
      isNext,
      into: () => (isNext() ? this.#place(arrival) : undefined),
      done: (bytes) => this.#read(arrival, bytes),
      failed: (error) => {
        if (!this.#closed) this.#options.onStoreFailure(error);
      },
    };
    fetcher.add(arrival.fetch);
  }

  /** A frame whose turn it is goes straight to where the sink wants it. */
  #place(arrival: Arrival): Uint8Array | undefined {
    const { entry } = arrival;
    const sink = this.#sink;
    if (entry.kind !== "payload" || sink === undefined || this.#closed) return undefined;
    const memory = this.#guarded(() => sink.place(entry.header));
    if (memory !== undefined) arrival.placed = { sink, memory };
    return memory;
  }

  #read(arrival: Arrival, bytes: Uint8Array): void {
    if (this.#closed) {
      this.#options.fetcher.taken(bytes.length);
      return;
    }
    arrival.bytes = bytes;
    this.deliver();
  }

  #handOver({ entry, bytes = nothing, placed }: Arrival, sink: PeerFrameSink): void {
    this.#options.fetcher.taken(bytes.length);
    this.#guarded(() => {
      if (entry.kind === "run") this.#handOverRun(entry.count, bytes, sink);
      else if (placed !== undefined && placed.sink === sink) sink.frame(entry.header, placed.memory);
      else handOverFrame(sink, entry.header, bytes);
    });
  }

  #handOverRun(count: number, bytes: Uint8Array, sink: PeerFrameSink): void {
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      if (at + peerHeaderBytes > bytes.length) throw cut();
      const header = decodePeerHeader(bytes, at, this.#options.chunkBytes);
      at += peerHeaderBytes;
      if (at + header.payloadBytes > bytes.length) throw cut();
      handOverFrame(sink, header, bytes.subarray(at, at + header.payloadBytes));
      at += header.payloadBytes;
      if (this.#closed) return;
    }
    if (at !== bytes.length) throw cut();
  }

  #guarded<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.onBroken(error);
      return undefined;
    }
  }
}

function handOverFrame(sink: PeerFrameSink, header: PeerHeader, payload: Uint8Array): void {
  if (payload.length === 0) {
    sink.frame(header, nothing);
    return;
  }
  const memory = sink.place(header);
  memory.set(payload);
  sink.frame(header, memory);
}

const cut = () => new FnmeshError("PROTOCOL", "frames in an object that are not as long as was told");
const twice = (number: number) => new FnmeshError("PROTOCOL", `frame ${number} of a peer was told of twice`);
