// The effects that fnmesh may have, as parameters: a job in a function gets Node's, a test gets an in-memory
// network and virtual time. Nothing in core reaches for a global clock, random source, socket or console.

import type { Duplex } from "node:stream";
import type { CancelSignal } from "./canceller.ts";

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds, monotonic; only differences have a meaning. */
  now(): number;
  /** Runs `callback` once, `delayMs` from now. A pending timer does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** A whole number, `from` <= n < `to`. */
  int(from: number, to: number): number;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** An IP address and port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A connected TCP socket. Node's `net.Socket` is one; so is the in-memory network's. */
export interface Socket extends Duplex {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Ends the connection at once, with RST where the network has one: no TIME_WAIT stays on the port. */
  resetAndDestroy(): unknown;
  setNoDelay(on?: boolean): unknown;
  setKeepAlive(on?: boolean, initialDelayMs?: number): unknown;
}

export interface DialOptions extends Endpoint {
  /** The port to dial from: the one that the peer expects. */
  readonly localPort?: number;
  readonly signal?: CancelSignal;
  /** Lets the reader give the memory into which the kernel writes (plain links read without a copy). */
  readonly reader?: BufferedReader;
}

/** Gives the memory for the next read and takes what was read into it. */
export interface BufferedReader {
  nextBuffer(): Uint8Array;
  /** `count` bytes were read into the start of the buffer that was given last. False pauses the reading. */
  advance(count: number): boolean;
}

export interface ListenOptions {
  readonly host?: string;
  readonly port: number;
  readonly onConnection: (socket: Socket) => void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export interface Net {
  /** Rejects with the network's own error (`code` ECONNREFUSED, EADDRINUSE, …). */
  dial(options: DialOptions): Promise<Socket>;
  listen(options: ListenOptions): Promise<Listener>;
  /** This machine's own addresses at which a peer might reach it, without loopback ones unless it has no other. */
  hostAddresses(): readonly string[];
  /** The ports from which the operating system picks for outgoing connections, both inclusive. */
  ephemeralPorts(): { readonly first: number; readonly last: number };
  /** Bytes of the largest packet that this machine's devices send (their MTU), loopback aside. */
  readonly packetBytes: number;
}

export interface Env {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
