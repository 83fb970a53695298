// One end of a virtual TCP connection, after RFC 9293 section 3.10: opening (also simultaneously), half-close, reset.
// The bytes are the sender's and the receiver's business; segments go out and come in through `ConnectionIo`.

import type { Endpoint, Timer } from "../../env/env.ts";
import { TcpReceiver } from "./receiver.ts";
import { Retransmission } from "./retransmission.ts";
import { noBytes, resetFor, type Segment, type SegmentKind } from "./segment.ts";
import { type SenderLimits, TcpSender } from "./sender.ts";
import { type SystemErrorCode, systemError } from "./system-error.ts";

export interface ConnectionIo {
  transmit(segment: Segment): void;
  schedule(delayMs: number, callback: () => void): Timer;
  now(): number;
}

/** Who is told what becomes of the connection. */
export interface ConnectionOwner {
  opened(): void;
  received(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  failed(error: Error): void;
  /** It is over, and its four-tuple free again: at once, or after TIME_WAIT. */
  released(timeWait: boolean): void;
}

export interface TcpLimits extends SenderLimits {
  readonly receiveBufferBytes: number;
}

/** Linux: a SYN is sent again after 1, 2, 4, … s, six times (tcp_syn_retries), so ETIMEDOUT comes after 127 s. */
const synPlan = { firstMs: 1000, mostMs: 120_000, retries: 6 };
/** Linux: tcp_fin_timeout, for a closed socket whose peer never closes. */
const orphanMs = 60_000;

export type TcpState = "syn-sent" | "syn-received" | "established" | "closed";

export interface ConnectionParts {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Unique in the network: stands for the initial sequence number. */
  readonly attempt: number;
  readonly limits: TcpLimits;
  readonly io: ConnectionIo;
  readonly owner: ConnectionOwner;
}

export class TcpConnection {
  readonly #parts: ConnectionParts;
  readonly #sender: TcpSender;
  readonly #receiver: TcpReceiver;
  readonly #synAgain: Retransmission;
  #state: TcpState = "closed";
  #peerAttempt = 0;
  #startedMs = 0;
  #closedFirst = false;
  /** The owner has closed: bytes that still come are answered with a reset, as after close(2). */
  #orphaned = false;
  #orphanTimer: Timer | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { limits, io } = parts;
    this.#receiver = new TcpReceiver(limits.receiveBufferBytes);
    this.#sender = new TcpSender(limits, {
      emit: (kind, position, bytes) => this.#emit(kind, position, bytes),
      schedule: (delayMs, callback) => io.schedule(delayMs, callback),
      gaveUp: () => this.#fail("ETIMEDOUT", "read"),
    });
    this.#synAgain = new Retransmission(
      synPlan,
      (delayMs, callback) => io.schedule(delayMs, callback),
      () => this.#emit(this.#state === "syn-sent" ? "syn" : "syn-ack"),
      () => this.#fail("ETIMEDOUT", "connect"),
    );
  }

  get state(): TcpState {
    return this.#state;
  }

  connect(): void {
    this.#begin("syn-sent");
  }

  /** Answers a SYN that came for a listener. */
  accept(syn: Segment): void {
    this.#peerAttempt = syn.attempt;
    this.#begin("syn-received");
  }

  write(bytes: Uint8Array, accepted: () => void): void {
    this.#sender.write(bytes, accepted);
  }

  finish(): void {
    this.#closedFirst ||= !this.#receiver.ended;
    this.#sender.finish();
  }

  /** The reader took `count` bytes. */
  consumed(count: number): void {
    if (this.#receiver.consume(count) && this.#state === "established") this.#emit("ack");
  }

  /** As close(2): what was written is still delivered, unless bytes that came remain unread; then it is a reset. */
  close(): void {
    if (this.#state === "closed" || this.#orphaned) return;
    if (this.#state !== "established") {
      // An attempt that is given up says nothing: an answer that still comes meets no connection, and is reset.
      this.#release(false);
    } else if (this.#receiver.unread > 0) {
      this.reset();
    } else {
      this.#orphaned = true;
      this.finish();
      this.#orphanTimer = this.#parts.io.schedule(orphanMs, () => this.#release(false));
    }
  }

  reset(): void {
    if (this.#state === "closed") return;
    if (this.#state !== "syn-sent") this.#emit("rst");
    this.#release(false);
  }

  receive(segment: Segment): void {
    if (this.#state === "closed") return;
    if (segment.kind === "rst") this.#onReset(segment);
    else if (segment.kind === "unreachable") this.#onUnreachable(segment);
    else if (segment.kind === "syn") this.#onSyn(segment);
    else if (this.#state === "syn-sent") this.#onAnswerToSyn(segment);
    else if (segment.attempt === this.#peerAttempt && segment.answers === this.#parts.attempt) {
      if (this.#state === "syn-received") this.#establish(segment);
      this.#onEstablished(segment);
    }
  }

  #begin(state: "syn-sent" | "syn-received"): void {
    this.#state = state;
    this.#startedMs = this.#parts.io.now();
    this.#synAgain.start();
    this.#emit(state === "syn-sent" ? "syn" : "syn-ack");
  }

  #onReset(segment: Segment): void {
    const answersMine = segment.answers === this.#parts.attempt;
    if (this.#state === "syn-sent") {
      if (answersMine) this.#fail("ECONNREFUSED", "connect");
    } else if (answersMine || segment.attempt === this.#peerAttempt) {
      this.#fail("ECONNRESET", "read");
    }
  }

  #onUnreachable(segment: Segment): void {
    // Once a connection stands, it is a soft error (RFC 1122, section 4.2.3.9).
    if (this.#state === "syn-sent" && segment.answers === this.#parts.attempt)
      this.#fail("EHOSTUNREACH", "connect");
  }

  #onSyn(segment: Segment): void {
    if (this.#state === "syn-sent") {
      // Both dialled at once (RFC 9293, section 3.5): answer as if listening.
      this.#peerAttempt = segment.attempt;
      this.#state = "syn-received";
      this.#emit("syn-ack");
    } else if (this.#state === "syn-received" && segment.attempt === this.#peerAttempt) {
      this.#emit("syn-ack");
    } else {
      // A copy, or another attempt of a peer that knows nothing of this connection: RFC 5961, section 4, challenges it.
      this.#emit("ack");
    }
  }

  #onAnswerToSyn(segment: Segment): void {
    if (segment.answers !== this.#parts.attempt) {
      // An answer to another attempt: the other side holds a connection that this one knows nothing of.
      this.#parts.io.transmit(resetFor(segment));
    } else if (segment.kind === "syn-ack") {
      this.#peerAttempt = segment.attempt;
      this.#establish(segment);
      this.#emit("ack");
    }
  }

  #establish(segment: Segment): void {
    this.#synAgain.stop();
    this.#state = "established";
    this.#parts.owner.opened();
    this.#sender.open(segment.window, this.#parts.io.now() - this.#startedMs);
  }

  #onEstablished(segment: Segment): void {
    this.#sender.acknowledged(segment.expects, segment.window);
    // A SYN-ACK here is a copy, or the other half of a simultaneous open: both are to be acknowledged.
    if (segment.kind === "syn-ack") this.#emit("ack");
    if (segment.kind === "data") this.#onData(segment);
    if (segment.kind === "fin") this.#onFin(segment);
    if (this.#receiver.ended && this.#sender.finAcknowledged) this.#release(this.#closedFirst);
  }

  #onData(segment: Segment): void {
    if (this.#orphaned && segment.bytes.length > 0) {
      this.reset();
      return;
    }
    const fresh = this.#receiver.take(segment.position, segment.bytes);
    if (fresh.length > 0) this.#parts.owner.received(fresh);
    if (this.#state === "established") this.#emit("ack");
  }

  #onFin(segment: Segment): void {
    const isNew = this.#receiver.finish(segment.position);
    this.#emit("ack");
    if (isNew) this.#parts.owner.ended();
  }

  #fail(code: SystemErrorCode, syscall: string): void {
    const error = systemError(code, syscall, syscall === "connect" ? this.#parts.remote : undefined);
    this.#release(false);
    this.#parts.owner.failed(error);
  }

  #release(timeWait: boolean): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#synAgain.stop();
    this.#sender.stop();
    this.#orphanTimer?.cancel();
    this.#parts.owner.released(timeWait);
  }

  #emit(kind: SegmentKind, position = 0, bytes: Uint8Array = noBytes): void {
    const { local, remote, attempt, io } = this.#parts;
    io.transmit({
      kind,
      from: local,
      to: remote,
      attempt,
      answers: kind === "syn" ? 0 : this.#peerAttempt,
      position,
      expects: this.#receiver.expects,
      window: this.#receiver.advertise(),
      bytes,
    });
  }
}
