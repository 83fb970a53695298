// One worker's control connection: hello first, then messages and blobs both ways, pings, and one ending.
// It knows the wire and its deadlines; what a message means is the job's business.

import type { TLSSocket } from "node:tls";
import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import type { Clock, Endpoint, Timer } from "@fnmesh/core/internal";
import {
  type Blob,
  decodeWorkerMessage,
  encodeBlob,
  encodeControlNote,
  encodeMessage,
  type Frame,
  type Identity,
  type MessageBody,
  mostControlFrameBytes,
  type Note,
  type OrchestratorMessage,
  protocolVersion,
  readControlFrame,
  type WorkerMessage,
} from "@fnmesh/core/protocol";
import { readFrames } from "./frame-reading.ts";
import { type RefusalReason, refusalReasons } from "./refusals.ts";
import { RoundTrip } from "./round-trip.ts";
import { drained } from "./socket-drain.ts";

/** The worker has shown its key: what is left is one small frame. */
const helloTimeoutMs = 5000;
/** Pings come quickly at first, as introductions want an estimate soon, and then ever more slowly. */
const pingIntervalMs = { first: 100, most: 5000 } as const;
/** A worker that computes blocks its event loop: only after this long is silence taken for death. */
const silenceTimeoutMs = 60_000;
/** What may wait for a worker that does not read: a welcome and all introductions of a large job, many times over. */
const mostBacklogBytes = 32 * 1024 * 1024;
/** Notes beyond it hold back their sender. */
const noteBacklogBytes = 1024 * 1024;
/** What was written last gets this long to leave before the socket is destroyed. */
const lingerMs = 1000;

export type Hello = MessageBody<WorkerMessage, "hello">;

/** Why a connection is over: the worker's doing (closed, broken, silent), or refused for what it did. */
export interface ControlEnding {
  readonly joined: boolean;
  readonly detail: string;
  readonly refused?: RefusalReason;
}

export interface ControlEvents {
  /** Whether the worker may join; the connection is ended with the reason otherwise. */
  onHello(hello: Hello): RefusalReason | undefined;
  /** Reading goes on when the promise resolves. A PROTOCOL error that is thrown ends the connection. */
  onMessage(message: WorkerMessage): void | Promise<void>;
  onBlob(blob: Blob): void | Promise<void>;
  onNote(note: Note): void | Promise<void>;
  /** Called once, last. */
  onEnd(ending: ControlEnding): void;
}

export interface ControlOptions {
  readonly socket: TLSSocket;
  readonly identity: Identity;
  readonly observed: Endpoint;
  readonly clock: Clock;
  readonly events: ControlEvents;
}

/** What a worker has to know of its refusal, beside that it did something wrong. */
const toldCodes: Partial<Record<RefusalReason, ErrorCode>> = {
  version: "VERSION",
  // Of an invocation that was delivered twice, or given up on: no fault of this worker's, nor of its job.
  duplicate: "DUPLICATE",
  "stale-attempt": "DUPLICATE",
};

type Content = ReturnType<typeof readControlFrame<WorkerMessage>>;

class Refused extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason) {
    super(reason);
    this.reason = reason;
  }
}

export class ControlConnection {
  readonly identity: Identity;
  readonly observed: Endpoint;
  readonly #socket: TLSSocket;
  readonly #clock: Clock;
  readonly #events: ControlEvents;
  readonly #roundTrip = new RoundTrip();
  #joined = false;
  #ending: { readonly detail: string; readonly refused?: RefusalReason } | undefined;
  #heardAt: number;
  #busy = false;
  #lastPing = { id: 0, sentAt: 0 };
  #pingInMs: number = pingIntervalMs.first;
  #timer: Timer | undefined;

  constructor({ socket, identity, observed, clock, events }: ControlOptions) {
    this.identity = identity;
    this.observed = observed;
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    this.#heardAt = clock.now();
    this.#timer = clock.setTimer(helloTimeoutMs, () => this.#refuse("hello-timeout"));
    void this.#run();
  }

  /** Undefined until the first ping is answered. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.ms;
  }

  send(message: OrchestratorMessage): void {
    this.sendFrame(encodeMessage(message));
  }

  /** For one message to many: encode once. */
  sendFrame(frame: Uint8Array): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(frame);
    if (this.#socket.writableLength > mostBacklogBytes) this.#refuse("backlog");
  }

  /** A promise holds back who has more for this worker. */
  sendNote(note: Note): Promise<void> | void {
    this.sendFrame(encodeControlNote(note));
    return this.#socket.writableLength > noteBacklogBytes ? drained(this.#socket) : undefined;
  }

  /** Resolves when there is room for the next one. Rejects with CLOSED when the connection is over. */
  async sendBlob(blob: Blob): Promise<void> {
    this.sendFrame(encodeBlob(blob));
    await drained(this.#socket);
    if (this.#socket.destroyed) throw new FnmeshError("CLOSED", "the worker's connection is closed");
  }

  /** Ends after what was sent has left. May be called twice. */
  end(): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(lingerMs, () => this.#socket.destroy());
    this.#socket.end();
  }

  /** May be called twice. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #run(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    try {
      await readFrames(this.#socket, mostControlFrameBytes, (frame) => this.#onFrame(frame));
      this.#ending ??= { detail: "the worker closed the connection" };
    } catch (error) {
      this.#ending ??= endingOf(error);
    }
    if (this.#ending.refused === undefined) this.destroy();
    else this.#sendOff(this.#ending.refused);
    await closed;
    this.#timer?.cancel();
    this.#events.onEnd({ joined: this.#joined, ...this.#ending });
  }

  #onFrame(frame: Frame): void | Promise<void> {
    this.#heardAt = this.#clock.now();
    const content = readControlFrame(frame, decodeWorkerMessage);
    if (!this.#joined) return this.#greet(content);
    if ("message" in content && this.#isPing(content.message)) return;
    const handled = this.#handle(content);
    if (handled === undefined) return;
    this.#busy = true;
    return handled.finally(() => {
      this.#busy = false;
      this.#heardAt = this.#clock.now();
    });
  }

  #handle(content: Content): void | Promise<void> {
    if ("message" in content) return this.#events.onMessage(content.message);
    return "note" in content ? this.#events.onNote(content.note) : this.#events.onBlob(content.blob);
  }

  #greet(content: Content): void {
    if (!("message" in content) || content.message.type !== "hello") throw new Refused("protocol");
    const hello = content.message;
    const { job, rank, attempt } = this.identity;
    if (hello.version !== protocolVersion) throw new Refused("version");
    if (hello.job !== job || hello.rank !== rank || hello.attempt !== attempt) {
      throw new Refused("hello-mismatch");
    }
    const refused = this.#events.onHello(hello);
    if (refused !== undefined) throw new Refused(refused);
    this.#joined = true;
    this.#timer?.cancel();
    this.#ping();
  }

  #isPing(message: WorkerMessage): boolean {
    if (message.type === "ping") this.send({ type: "pong", id: message.id });
    else if (message.type === "pong" && message.id === this.#lastPing.id) {
      this.#roundTrip.sample(this.#clock.now() - this.#lastPing.sentAt);
    }
    return message.type === "ping" || message.type === "pong";
  }

  #ping(): void {
    const now = this.#clock.now();
    if (!this.#busy && now - this.#heardAt > silenceTimeoutMs) {
      this.#ending = { detail: `nothing was heard of it for ${silenceTimeoutMs / 1000} s` };
      this.destroy();
      return;
    }
    this.#lastPing = { id: this.#lastPing.id + 1, sentAt: now };
    this.#timer = this.#clock.setTimer(this.#pingInMs, () => this.#ping());
    this.#pingInMs = Math.min(2 * this.#pingInMs, pingIntervalMs.most);
    this.send({ type: "ping", id: this.#lastPing.id });
  }

  /** Says why, as far as the other side still listens. */
  #sendOff(reason: RefusalReason): void {
    const message = `the orchestrator ended the connection: ${refusalReasons[reason]}`;
    this.send({ type: "abort", error: { code: toldCodes[reason] ?? "PROTOCOL", message } });
    this.end();
    this.#socket.resume();
  }

  #refuse(reason: RefusalReason): void {
    this.#ending ??= { detail: reason, refused: reason };
    this.destroy();
  }
}

function endingOf(error: unknown): { readonly detail: string; readonly refused?: RefusalReason } {
  if (error instanceof Refused) return { detail: error.reason, refused: error.reason };
  const code = error instanceof FnmeshError ? error.code : undefined;
  const detail = error instanceof Error ? error.message : String(error);
  if (code === "FRAME_TOO_LARGE") return { detail, refused: "frame-too-large" };
  if (code === "PROTOCOL") return { detail, refused: "protocol" };
  // TRUNCATED too is a loss and no offence: what a process leaves behind that is killed while it writes.
  return { detail: `the connection broke: ${detail}` };
}
