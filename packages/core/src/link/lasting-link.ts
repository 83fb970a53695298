// One link of a pair over several carriers, one after the other: a relay, another relay, a store, at best a socket of
// their own. The session above sees one link: in order, nothing lost, nothing twice.
//
// Both sides count the session's frames. What was written and is not acknowledged is kept, and written again on the
// next carrier. A carrier that another one came before begins with a `resume` that asks: "so many of yours I took in,
// and you?" Whoever has asked takes nothing from the carrier, and sends nothing of the session on it, until the answer
// to its latest question comes; whoever is asked answers and then goes on from there.
//
// Carriers that keep nothing are direct sockets: once open, one is the last. Until then the carrier before it stands by,
// and a side whose socket fails goes back to it, and asks again there (so questions are numbered). From one way through
// the middle to another there is no way back: the orchestrator orders them, to both sides, in one order.

import { encodePeerHeader, type PeerHeader, peerFrame } from "../channel/peer-frame.ts";
import type { PeerFrameSink } from "../channel/peer-frame-reader.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { PathName } from "../protocol/rungs.ts";
import { KeptFrames } from "./kept-frames.ts";
import type { Link, LinkEvents } from "./link.ts";

const resumeKind = { ask: 0, answer: 1 } as const;

export interface LastingLinkOptions {
  /** Of what is written and not acknowledged; both sides have the same. */
  readonly mostKeptBytes: number;
  /** The carrier is gone, and what was on it is kept: `move` to another one, or `end`. */
  readonly onBroken: (error: Error) => void;
  /** Both sides go on over the newest carrier. */
  readonly onMoved: () => void;
  /** The newest carrier failed before it was open, and the one before is asked to go on. */
  readonly onReturned: () => void;
}

interface Carrier {
  readonly link: Link;
  /** Whether what goes over it is kept. A carrier without it is the last one: what is lost on it is lost. */
  readonly keeps: boolean;
  /** No other came before. */
  readonly first: boolean;
  state: "open" | "asked";
  /** Frames of the session that went out on it. */
  written: number;
}

/** How many frames are acknowledged together at most. */
const mostUnacknowledgedFrames = 64;

/** What ends a pair for good, whatever carries it. */
const endings: ReadonlySet<string> = new Set(["PEER_FINISHED", "PEER_LOST", "CLOSED", "PROTOCOL"]);

export class LastingLink implements Link {
  readonly #options: LastingLinkOptions;
  readonly #kept = new KeptFrames();
  #sink: PeerFrameSink | undefined;
  #events: LinkEvents | undefined;
  #carrier: Carrier | undefined;
  /** Stays while a socket has not proved to carry. */
  #previous: Carrier | undefined;
  #carriers = 0;
  #path: PathName = "direct";
  #chunkBytes = 0;
  #received = 0;
  /** The numbers of this side's questions, and of the other's. */
  #asked = 0;
  #answered = 0;
  #owedBytes = 0;
  #owedFrames = 0;
  #ended = false;

  constructor(options: LastingLinkOptions) {
    this.#options = options;
  }

  get path(): PathName {
    return this.#path;
  }

  get chunkBytes(): number {
    return this.#chunkBytes;
  }

  get writable(): boolean {
    const carrier = this.#carrier;
    if (carrier?.state !== "open" || !carrier.link.writable) return false;
    return !carrier.keeps || this.#kept.bytes < this.#options.mostKeptBytes;
  }

  attach(sink: PeerFrameSink, events: LinkEvents): void {
    this.#sink = sink;
    this.#events = events;
  }

  /** Goes on over this one. To be called after `attach`. */
  move(link: Link, keeps: boolean): void {
    if (this.#ended) {
      link.destroy();
      return;
    }
    const first = this.#carriers === 0;
    this.#carriers += 1;
    const outdated = keeps ? [this.#previous, this.#carrier] : [this.#previous];
    this.#previous = keeps ? undefined : this.#carrier;
    const carrier: Carrier = { link, keeps, first, state: first ? "open" : "asked", written: 0 };
    this.#carrier = carrier;
    this.#path = link.path;
    this.#chunkBytes = link.chunkBytes;
    if (!first) this.#ask(carrier);
    link.attach(this.#sinkOf(carrier), {
      onDrain: () => {
        if (carrier === this.#carrier) this.#drained();
      },
      onClose: (error) => this.#onClose(carrier, error),
    });
    for (const each of outdated) each?.link.destroy();
  }

  write(header: Uint8Array, payload?: Uint8Array, released?: () => void): void {
    if (this.#ended) return;
    const carrier = this.#carrier;
    const open = carrier?.state === "open";
    if (open) carrier.written += 1;
    if (open && !carrier.keeps) {
      this.#kept.skip();
      carrier.link.write(header, payload, released);
      return;
    }
    const own = payload === undefined || released === undefined ? payload : Buffer.from(payload);
    released?.();
    this.#kept.push(header, own);
    if (open) carrier.link.write(header, own);
  }

  close(): void {
    this.#previous?.link.close();
    if (this.#carrier === undefined) this.end(undefined);
    else this.#carrier.link.close();
  }

  destroy(error?: Error): void {
    this.#previous?.link.destroy();
    this.#carrier?.link.destroy(error);
    this.end(error);
  }

  /** Nothing will carry it any more. May be called twice. */
  end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#kept.clear();
    this.#events?.onClose(error);
  }

  #sinkOf(carrier: Carrier): PeerFrameSink {
    // What a kept frame brings is taken in when it is whole: a part of it would come again on the next carrier.
    const direct = !carrier.keeps;
    return {
      place: (header) =>
        direct && this.#takes(carrier, header)
          ? this.#sink!.place(header)
          : Buffer.allocUnsafe(header.payloadBytes),
      frame: (header, payload) => {
        if (!this.#takes(carrier, header)) return;
        if (!direct && header.payloadBytes > 0) this.#sink!.place(header).set(payload);
        this.#received = (this.#received + 1) >>> 0;
        this.#sink!.frame(header, payload);
        if (carrier.keeps) this.#owe(carrier, header.payloadBytes);
      },
    };
  }

  /** Whether a frame is one of the session, and comes in its turn. */
  #takes(carrier: Carrier, header: PeerHeader): boolean {
    if (this.#ended) return false;
    if (header.type === peerFrame.resume) {
      this.#onResume(carrier, header);
      return false;
    }
    if (carrier !== this.#carrier) return false;
    if (header.type === peerFrame.ack) {
      if (carrier.state === "open") this.#onAck(header.message);
      return false;
    }
    // On a socket that is the first way for the other side, and the last for both, it may have begun without asking.
    if (carrier.state === "asked" && !carrier.keeps) this.#goOn(carrier, 0);
    return carrier.state === "open";
  }

  #onResume(carrier: Carrier, { kind, message: taken, tag: number }: PeerHeader): void {
    if (kind === resumeKind.answer) {
      if (carrier === this.#carrier && carrier.state === "asked" && number === this.#asked) {
        this.#goOn(carrier, taken);
      }
      return;
    }
    if (number <= this.#answered) return;
    if (carrier === this.#previous) {
      // The newer one failed for the other side, and this side has not seen it yet.
      const newer = this.#carrier;
      this.#goBack(carrier);
      newer?.link.destroy();
    }
    if (carrier !== this.#carrier) return;
    this.#answered = number;
    if (carrier.first && !carrier.keeps && carrier.written > 0) return; // It has seen that by now.
    this.#tell(carrier, resumeKind.answer, number);
    if (carrier.state === "open") this.#rewind(carrier, taken);
  }

  #goOn(carrier: Carrier, taken: number): void {
    carrier.state = "open";
    const before = this.#previous;
    this.#previous = undefined;
    before?.link.destroy();
    this.#rewind(carrier, taken);
    this.#options.onMoved();
    this.#drained();
  }

  #rewind(carrier: Carrier, taken: number): void {
    this.#kept.drop(taken);
    this.#kept.recut(carrier.link.chunkBytes);
    for (const { header, payload } of this.#kept) {
      carrier.written += 1;
      carrier.link.write(header, payload);
    }
    if (!carrier.keeps) this.#kept.clear();
  }

  #onAck(taken: number): void {
    const { mostKeptBytes } = this.#options;
    const wasFull = this.#kept.bytes >= mostKeptBytes;
    this.#kept.drop(taken);
    if (wasFull && this.#kept.bytes < mostKeptBytes) this.#drained();
  }

  #owe(carrier: Carrier, bytes: number): void {
    this.#owedBytes += bytes;
    this.#owedFrames += 1;
    const few = this.#owedBytes < this.#options.mostKeptBytes / 4;
    if (few && this.#owedFrames < mostUnacknowledgedFrames) return;
    this.#owedBytes = 0;
    this.#owedFrames = 0;
    carrier.link.write(encodePeerHeader({ type: peerFrame.ack, message: this.#received }));
  }

  #ask(carrier: Carrier): void {
    this.#asked += 1;
    carrier.state = "asked";
    this.#tell(carrier, resumeKind.ask, this.#asked);
  }

  #tell({ link }: Carrier, kind: number, number: number): void {
    link.write(encodePeerHeader({ type: peerFrame.resume, kind, message: this.#received, tag: number }));
  }

  #drained(): void {
    if (this.writable) this.#events?.onDrain();
  }

  #onClose(carrier: Carrier, error: Error | undefined): void {
    if (carrier === this.#previous) this.#previous = undefined;
    if (carrier !== this.#carrier || this.#ended) return;
    const final = error === undefined || (error instanceof FnmeshError && endings.has(error.code));
    if (carrier.state !== "open" && this.#previous !== undefined) {
      this.#goBack(this.#previous);
    } else if (final || (carrier.state === "open" && !carrier.keeps)) {
      this.end(error);
    } else {
      this.#carrier = undefined;
      this.#options.onBroken(error);
    }
  }

  /** The newer carrier failed before it carried anything: the one before still stands. */
  #goBack(carrier: Carrier): void {
    this.#previous = undefined;
    this.#carrier = carrier;
    this.#path = carrier.link.path;
    this.#chunkBytes = carrier.link.chunkBytes;
    this.#ask(carrier);
    this.#options.onReturned();
  }
}
