// The sending half of a virtual TCP connection: a buffer, the peer's window, go-back-N retransmission and the FIN.

import type { Timer } from "../../env/env.ts";
import { Retransmission } from "./retransmission.ts";
import { noBytes } from "./segment.ts";
import { SendBuffer } from "./send-buffer.ts";

export interface SenderIo {
  emit(kind: "data" | "fin", position: number, bytes: Uint8Array): void;
  schedule(delayMs: number, callback: () => void): Timer;
  gaveUp(): void;
}

export interface SenderLimits {
  readonly segmentBytes: number;
  readonly sendBufferBytes: number;
}

/** Linux: TCP_RTO_MIN 200 ms, TCP_RTO_MAX 120 s, tcp_retries2 = 15: a dead peer shows after about 15 minutes. */
const leastTimeoutMs = 200;
const mostTimeoutMs = 120_000;
const retries = 15;

export class TcpSender {
  readonly #limits: SenderLimits;
  readonly #io: SenderIo;
  readonly #buffer = new SendBuffer();
  /** The next position to send. */
  #next = 0;
  #peerWindow = 0;
  #open = false;
  #finQueued = false;
  #finSent = false;
  #finAcknowledged = false;
  #waiting: (() => void)[] = [];
  #retransmission: Retransmission | undefined;

  constructor(limits: SenderLimits, io: SenderIo) {
    this.#limits = limits;
    this.#io = io;
  }

  get finSent(): boolean {
    return this.#finSent;
  }

  get finAcknowledged(): boolean {
    return this.#finAcknowledged;
  }

  /** The connection stands: what was written goes out now. */
  open(peerWindow: number, roundTripMs: number): void {
    this.#open = true;
    this.#peerWindow = peerWindow;
    this.#retransmission = new Retransmission(
      { firstMs: leastTimeoutMs + 2 * roundTripMs, mostMs: mostTimeoutMs, retries },
      this.#io.schedule,
      () => this.#sendAgain(),
      () => this.#io.gaveUp(),
    );
    this.#flush();
  }

  /** `accepted` is called once all of it has found room in the buffer. */
  write(bytes: Uint8Array, accepted: () => void): void {
    this.#buffer.append(bytes);
    this.#waiting.push(accepted);
    this.#release();
    this.#flush();
  }

  /** After all that was written, the FIN. */
  finish(): void {
    this.#finQueued = true;
    this.#flush();
  }

  /** The peer expects `position` next and has room for `window` bytes from there on. */
  acknowledged(position: number, window: number): void {
    const before = this.#buffer.start;
    this.#buffer.acknowledge(position);
    this.#next = Math.max(this.#next, this.#buffer.start);
    this.#peerWindow = window;
    if (this.#finSent && position > this.#buffer.end) this.#finAcknowledged = true;
    if (this.#buffer.start > before || !this.#outstanding()) this.#retransmission?.stop();
    // An answer from a peer without room is a sign of life: probing it must never end the connection.
    if (window === 0) this.#retransmission?.forgive();
    this.#release();
    this.#flush();
  }

  stop(): void {
    this.#open = false;
    this.#retransmission?.stop();
    this.#waiting = [];
  }

  #flush(): void {
    if (!this.#open) return;
    this.#sendWithinWindow();
    if (this.#finQueued && !this.#finSent && this.#next === this.#buffer.end) {
      this.#finSent = true;
      this.#io.emit("fin", this.#buffer.end, noBytes);
    }
    if (this.#outstanding()) this.#retransmission?.start();
  }

  #sendWithinWindow(): void {
    const limit = Math.min(this.#buffer.end, this.#buffer.start + this.#peerWindow);
    while (this.#next < limit) {
      const bytes = this.#buffer.read(this.#next, Math.min(this.#limits.segmentBytes, limit - this.#next));
      const position = this.#next;
      this.#next += bytes.length;
      this.#io.emit("data", position, bytes);
    }
  }

  #sendAgain(): void {
    this.#next = this.#buffer.start;
    if (this.#peerWindow === 0 && this.#buffer.size > 0) this.#io.emit("data", this.#next, noBytes);
    this.#sendWithinWindow();
    if (this.#finSent && !this.#finAcknowledged && this.#next === this.#buffer.end) {
      this.#io.emit("fin", this.#buffer.end, noBytes);
    }
  }

  #outstanding(): boolean {
    return this.#buffer.size > 0 || (this.#finSent && !this.#finAcknowledged);
  }

  #release(): void {
    if (this.#buffer.size > this.#limits.sendBufferBytes) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const accepted of waiting) accepted();
  }
}
