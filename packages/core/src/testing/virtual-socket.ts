// A connected socket of the virtual network, as core sees it: a Duplex with what Node's `net.Socket` adds.

import { Duplex } from "node:stream";
import type { BufferedReader, Endpoint, Socket } from "../env/env.ts";
import type { TcpConnection } from "./tcp/connection.ts";

export interface VirtualSocketParts {
  readonly connection: TcpConnection;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** As in `DialOptions`: takes the bytes instead of the stream's readable side. */
  readonly reader?: BufferedReader | undefined;
}

type Done = (error?: Error | null) => void;

export class VirtualSocket extends Duplex implements Socket {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #connection: TcpConnection;
  readonly #reader: BufferedReader | undefined;
  #arrived: Uint8Array[] = [];
  #peerEnded = false;
  #wanted = false;

  constructor({ connection, local, remote, reader }: VirtualSocketParts) {
    // As net.Socket by default: the end of the other side's bytes ends this side's too.
    super({ allowHalfOpen: false });
    this.#connection = connection;
    this.#reader = reader;
    this.remoteAddress = remote.host;
    this.remotePort = remote.port;
    this.localAddress = local.host;
    this.localPort = local.port;
    // A connection that is read into a caller's memory is read from the start, as Node does with `onread`.
    if (reader !== undefined) this.resume();
  }

  /** Bytes came from the network. */
  arrived(bytes: Uint8Array): void {
    this.#arrived.push(bytes);
    this.#deliver();
  }

  /** The other side sends no more. */
  peerEnded(): void {
    this.#peerEnded = true;
    this.#deliver();
  }

  resetAndDestroy(): this {
    this.#connection.reset();
    return this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  override resume(): this {
    super.resume();
    if (this.#reader !== undefined) this._read();
    return this;
  }

  override pause(): this {
    if (this.#reader !== undefined) this.#wanted = false;
    return super.pause();
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#connection.write(chunk, done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    this.#connection.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#connection.finish();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#arrived = [];
    this.#connection.close();
    done(error);
  }

  #deliver(): void {
    while (this.#wanted && this.#arrived.length > 0 && !this.destroyed) {
      const bytes = this.#arrived.shift()!;
      this.#wanted = this.#reader === undefined ? this.#push(bytes) : this.#fill(this.#reader, bytes);
    }
    if (this.#peerEnded && this.#arrived.length === 0 && !this.destroyed) {
      this.#peerEnded = false;
      this.push(null);
      // With a reader nobody else asks for the end.
      if (this.#reader !== undefined) this.read(0);
    }
  }

  #push(bytes: Uint8Array): boolean {
    this.#connection.consumed(bytes.length);
    return this.push(bytes);
  }

  /** Copies into the reader's memory; what does not fit waits for its next buffer. */
  #fill(reader: BufferedReader, bytes: Uint8Array): boolean {
    const buffer = reader.nextBuffer();
    const count = Math.min(buffer.length, bytes.length);
    buffer.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#arrived.unshift(bytes.subarray(count));
    this.#connection.consumed(count);
    return reader.advance(count);
  }
}
