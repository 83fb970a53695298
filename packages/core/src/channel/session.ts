// What two workers have with each other over one link: messages both ways, heartbeats, and an end in order.

import { abortable } from "../env/abortable.ts";
import type { Clock } from "../env/env.ts";
import { FnmeshError, protocolError, toFnmeshError } from "../errors/errors.ts";
import type { Link, LinkEvents } from "../link/link.ts";
import type { PathName } from "../protocol/rungs.ts";
import { Inbound, type Window } from "./inbound.ts";
import type { Mailbox } from "./mailbox.ts";
import { Outbound, type Outgoing } from "./outbound.ts";
import { encodePeerHeader, type PeerHeader, peerFrame } from "./peer-frame.ts";
import type { PeerFrameSink } from "./peer-frame-reader.ts";

/** After this long without a frame the peer is asked for one. A third of the NAT timeouts seen in the field (60 s and up). */
export const heartbeatIdleMs = 20_000;
/** A peer may compute for long with a blocked event loop; a dead one is found by TCP keepalive far earlier. */
export const silenceLimitMs = 120_000;

export interface SessionOptions {
  readonly rank: number;
  readonly link: Link;
  readonly mailbox: Mailbox;
  readonly window: Window;
  readonly mostMessageBytes: number;
  readonly clock: Clock;
  /** Called once; without an error when the peer finished in order. */
  readonly onEnd: (error: FnmeshError) => void;
}

export class Session implements PeerFrameSink, LinkEvents {
  readonly rank: number;
  readonly #options: SessionOptions;
  readonly #link: Link;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  /** When a heartbeat check last found that something had come, and whether something came since. */
  #heardAt: number;
  #heard = false;
  #peerFinished = false;
  #ended: FnmeshError | undefined;
  #goodbyeAcknowledged: (() => void) | undefined;

  constructor(options: SessionOptions) {
    const { link, mailbox, window, mostMessageBytes, rank, clock } = options;
    this.#options = options;
    this.rank = rank;
    this.#link = link;
    this.#heardAt = clock.now();
    this.#outbound = new Outbound(link, window);
    const reply = (frame: Uint8Array) => link.write(frame);
    this.#inbound = new Inbound({ from: rank, mailbox, window, mostMessageBytes, reply });
    link.attach(this, this);
  }

  get path(): PathName {
    return this.#link.path;
  }

  /** Messages and payload bytes of both directions, so far. */
  get counters() {
    return { sent: this.#outbound.counters, received: this.#inbound.counters };
  }

  /** Resolves when the message's memory is free again; rejects with PEER_LOST, PEER_FINISHED or CLOSED. */
  send(message: Outgoing): Promise<void> {
    return this.#peerFinished ? Promise.reject(finished(this.rank)) : this.#outbound.send(message);
  }

  place(header: PeerHeader): Uint8Array {
    if (header.type === peerFrame.data) return this.#inbound.place(header);
    throw protocolError(`a payload in a frame of type ${header.type}`);
  }

  frame(header: PeerHeader): void {
    this.#heard = true;
    switch (header.type) {
      case peerFrame.data:
        if (this.#peerFinished) throw protocolError("data after the peer's goodbye");
        this.#inbound.data(header);
        return;
      case peerFrame.window:
        this.#outbound.onWindow(header.total, header.message);
        return;
      case peerFrame.grant:
        this.#outbound.onGrant(header.message);
        return;
      case peerFrame.ping:
        this.#link.write(encodePeerHeader({ type: peerFrame.pong }));
        return;
      case peerFrame.pong:
        return;
      case peerFrame.goodbye:
        this.#onGoodbye();
        return;
      case peerFrame.goodbyeAck:
        this.#goodbyeAcknowledged?.();
        return;
      default:
        throw protocolError(`a frame of type ${header.type} in a session`);
    }
  }

  onDrain(): void {
    this.#outbound.onDrain();
  }

  onClose(error: Error | undefined): void {
    if (this.#ended !== undefined) return;
    this.#end(this.#peerFinished ? finished(this.rank) : lost(this.rank, error));
  }

  /** To be called now and then. `stalledMs`: how long this worker itself did not get to listen since the last call. */
  checkHeartbeat(stalledMs: number): void {
    if (this.#ended !== undefined) return;
    const now = this.#options.clock.now();
    this.#heardAt = this.#heard ? now : this.#heardAt + stalledMs;
    this.#heard = false;
    const silentMs = now - this.#heardAt;
    if (silentMs > silenceLimitMs) {
      const error = new Error(`nothing was heard of it for ${Math.round(silentMs / 1000)} s`);
      this.#link.destroy(error);
      this.onClose(error);
    } else if (silentMs > heartbeatIdleMs) {
      this.#link.write(encodePeerHeader({ type: peerFrame.ping }));
    }
  }

  /**
   * Everything sent is delivered, and the peer told that no more comes. Resolves also when the peer finished
   * meanwhile: what it did not wait for, it does not want. Rejects with PEER_LOST or the signal's reason.
   */
  async finish(signal: AbortSignal): Promise<void> {
    if (this.#ended !== undefined) return this.#settleEnded();
    await abortable(this.#outbound.idle(), signal).catch((error) => {
      if (!this.#peerFinished) throw error;
    });
    if (this.#ended !== undefined) return this.#settleEnded();
    const acknowledged = new Promise<void>((resolve) => {
      this.#goodbyeAcknowledged = resolve;
    });
    this.#link.write(encodePeerHeader({ type: peerFrame.goodbye }));
    await abortable(acknowledged, signal);
    this.#settleEnded();
  }

  /** Ends the link in order. May be called twice. */
  close(): void {
    this.#end(new FnmeshError("CLOSED", "this worker has ended its connections"));
    this.#link.close();
  }

  /** Ends at once. May be called twice. */
  destroy(error: FnmeshError): void {
    this.#end(error);
    this.#link.destroy();
  }

  #settleEnded(): void {
    if (this.#ended !== undefined && this.#ended.code !== "PEER_FINISHED" && this.#ended.code !== "CLOSED") {
      throw this.#ended;
    }
  }

  #onGoodbye(): void {
    this.#link.write(encodePeerHeader({ type: peerFrame.goodbyeAck }));
    this.#peerFinished = true;
    const error = finished(this.rank);
    this.#outbound.fail(error);
    this.#options.mailbox.endRank(this.rank, error);
  }

  #end(error: FnmeshError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#inbound.fail(error);
    this.#outbound.fail(error);
    this.#options.mailbox.endRank(this.rank, error);
    this.#goodbyeAcknowledged?.();
    this.#options.onEnd(error);
  }
}

const finished = (rank: number) =>
  new FnmeshError("PEER_FINISHED", `worker ${rank} has finished`, {
    hint: "It returned from run: a message that it did not wait for cannot reach it, and it sends none.",
  });

function lost(rank: number, cause: Error | undefined): FnmeshError {
  const known = cause === undefined ? undefined : toFnmeshError(cause, "PEER_LOST");
  const told = known !== undefined && toldCodes.has(known.code) ? known : undefined;
  return new FnmeshError(
    told?.code ?? "PEER_LOST",
    `the connection to worker ${rank} was lost${cause ? `: ${cause.message}` : ""}`,
    {
      cause,
      hint: told?.hint ?? "The worker may have crashed or run out of time or memory: its own log says more.",
    },
  );
}

/** A peer that breaks the protocol is reported as that; so is a store that fails. */
const toldCodes: ReadonlySet<string> = new Set([
  "STORE_UNAVAILABLE",
  "STORE_AUTH",
  "STORE_FULL",
  "STORE_LOST",
  "NO_PATH",
  "PEER_FINISHED",
  "PROTOCOL",
  "FRAME_TOO_LARGE",
  "TRUNCATED",
  "MESSAGE_TOO_LARGE",
]);
