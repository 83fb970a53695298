// The other workers of the job, as a worker sees them: by rank. Connections are made when they are first needed.

import type { PathName } from "../protocol/rungs.ts";

export type { PathName };

/** What can be sent. Bytes and typed arrays travel as they are; everything else is serialised (Map, Set, Date, bigint too). */
export type Sendable = unknown;

export interface Message<T = unknown> {
  readonly from: number;
  readonly tag: number;
  readonly value: T;
}

export interface SendOptions {
  /** 0 to 2^31 - 1; messages between two ranks with one tag arrive in order. Default 0. */
  readonly tag?: number;
  readonly signal?: AbortSignal;
}

export interface ReceiveOptions {
  /** Default: from any rank. */
  readonly from?: number;
  /** Default: 0. `"any"`: whatever tag comes. */
  readonly tag?: number | "any";
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Writes a sequence of bytes to one peer, which reads it with `readStream`. */
export interface PeerStream {
  /** Resolves when the peer's window has room for more. */
  write(chunk: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** One connection, as `connections()` shows it. Phases are milliseconds, of the round that succeeded. */
export interface ConnectionInfo {
  readonly rank: number;
  readonly path: PathName;
  /** Why not direct. */
  readonly reason?: string;
  readonly rounds: number;
  readonly phases: {
    readonly introduceMs: number;
    readonly dialMs: number;
    readonly handshakeMs: number;
    readonly probeMs: number;
  };
}

export interface Peers {
  /**
   * Sends one message. Resolves when `value` may be changed again, which may be before the peer has it; a slow peer
   * makes it wait. Rejects with PEER_LOST, PEER_FINISHED, NO_PATH, MESSAGE_TOO_LARGE, NOT_SERIALIZABLE or CLOSED.
   */
  send(to: number, value: Sendable, options?: SendOptions): Promise<void>;
  /** Takes the next matching message. Rejects with PEER_LOST, PEER_FINISHED, DEADLINE or CLOSED. */
  receive<T = unknown>(options?: ReceiveOptions): Promise<Message<T>>;
  /** Streams have tags of their own, apart from those of messages. */
  openStream(to: number, options?: SendOptions): PeerStream;
  readStream(
    from: number,
    options?: { readonly tag?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Connects to all peers now, instead of at the first message. */
  connectAll(options?: { readonly signal?: AbortSignal }): Promise<readonly ConnectionInfo[]>;
  /** The connections that stand. */
  connections(): readonly ConnectionInfo[];
}
