// The handshake of links that are not encrypted: both sides prove that they hold the pair's key, as in SCRAM without
// the password part. It protects the beginning of the connection, not its bytes; docs/PROTOCOL.md says so.
//
//   higher rank                            lower rank
//      | -- auth: nonce H (32) -------------> |
//      | <- auth: nonce L (32) + mac("L") --- |
//      | -- auth: mac("H") -----------------> |
//      mac(x) = HMAC-SHA256(key, x | nonce H | nonce L)

import { createHmac, timingSafeEqual } from "node:crypto";
import { encodePeerHeader, type PeerHeader, peerFrame } from "../channel/peer-frame.ts";
import type { PeerFrameSink } from "../channel/peer-frame-reader.ts";
import { abortable } from "../env/abortable.ts";
import type { CancelSignal } from "../env/canceller.ts";
import type { Random } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Link, LinkEvents } from "./link.ts";

const nonceBytes = 32;
const macBytes = 32;

export interface PlainAuthOptions {
  readonly key: Uint8Array;
  readonly role: "lower" | "higher";
  readonly random: Random;
  readonly signal: CancelSignal;
}

class PlainAuth implements PeerFrameSink, LinkEvents {
  readonly #link: Link;
  readonly #options: PlainAuthOptions;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  readonly #own: Uint8Array;
  #other: Uint8Array | undefined;

  constructor(link: Link, options: PlainAuthOptions, resolve: () => void, reject: (error: unknown) => void) {
    this.#link = link;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#own = options.random.bytes(nonceBytes);
    link.attach(this, this);
    if (options.role === "higher") this.#send(this.#own);
  }

  place(header: PeerHeader): Uint8Array {
    if (header.type !== peerFrame.auth || header.payloadBytes > nonceBytes + macBytes) throw refused();
    return Buffer.allocUnsafe(header.payloadBytes);
  }

  frame(_: PeerHeader, payload: Uint8Array): void {
    if (this.#options.role === "lower") this.#asLower(payload);
    else this.#asHigher(payload);
  }

  onDrain(): void {}

  onClose(error: Error | undefined): void {
    this.#reject(error ?? refused());
  }

  #asLower(payload: Uint8Array): void {
    if (this.#other === undefined) {
      if (payload.length !== nonceBytes) throw refused();
      this.#other = Buffer.from(payload);
      this.#send(Buffer.concat([this.#own, this.#mac("L", this.#other, this.#own)]));
    } else {
      this.#check(payload, this.#mac("H", this.#other, this.#own));
      this.#resolve();
    }
  }

  #asHigher(payload: Uint8Array): void {
    if (payload.length !== nonceBytes + macBytes) throw refused();
    const other = payload.subarray(0, nonceBytes);
    this.#check(payload.subarray(nonceBytes), this.#mac("L", this.#own, other));
    this.#send(this.#mac("H", this.#own, other));
    this.#resolve();
  }

  #mac(side: "L" | "H", nonceHigher: Uint8Array, nonceLower: Uint8Array): Buffer {
    return createHmac("sha256", this.#options.key)
      .update(side)
      .update(nonceHigher)
      .update(nonceLower)
      .digest();
  }

  #check(given: Uint8Array, wanted: Uint8Array): void {
    if (given.length !== macBytes || !timingSafeEqual(given, wanted)) throw refused();
  }

  #send(payload: Uint8Array): void {
    this.#link.write(encodePeerHeader({ type: peerFrame.auth }, payload.length), payload);
  }
}

const refused = () => new FnmeshError("AUTH", "the peer did not prove that it belongs to the job");

/** Resolves when both sides know each other; rejects with AUTH or the signal's reason. Closing is the caller's part. */
export function authenticatePlain(link: Link, options: PlainAuthOptions): Promise<void> {
  const proven = new Promise<void>((resolve, reject) => new PlainAuth(link, options, resolve, reject));
  return abortable(proven, options.signal);
}
