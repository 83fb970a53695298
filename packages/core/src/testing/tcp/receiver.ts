// The receiving half of a virtual TCP connection: what is expected next, and how much room the reader leaves.

export class TcpReceiver {
  readonly #bufferBytes: number;
  #expects = 0;
  #unread = 0;
  #advertised: number;
  #ended = false;

  constructor(bufferBytes: number) {
    this.#bufferBytes = bufferBytes;
    this.#advertised = bufferBytes;
  }

  get expects(): number {
    return this.#expects;
  }

  /** Bytes that were received and not yet read. */
  get unread(): number {
    return this.#unread;
  }

  /** The peer's FIN has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The window to tell the peer, which from now on counts on it. */
  advertise(): number {
    this.#advertised = Math.max(0, this.#bufferBytes - this.#unread);
    return this.#advertised;
  }

  /** What of a segment's bytes is new and in order. */
  take(position: number, bytes: Uint8Array): Uint8Array {
    const skip = this.#expects - position;
    if (this.#ended || skip < 0 || skip >= bytes.length) return bytes.subarray(0, 0);
    const fresh = bytes.subarray(skip);
    this.#expects += fresh.length;
    this.#unread += fresh.length;
    return fresh;
  }

  /** True when this FIN is the next thing in order, and new. */
  finish(position: number): boolean {
    if (this.#ended || position !== this.#expects) return false;
    this.#ended = true;
    this.#expects += 1;
    return true;
  }

  /** The reader took `count` bytes. True when the peer should hear of the room (RFC 9293, section 3.8.6.2.2). */
  consume(count: number): boolean {
    this.#unread -= count;
    const room = Math.max(0, this.#bufferBytes - this.#unread);
    return room - this.#advertised >= this.#bufferBytes / 2;
  }
}
