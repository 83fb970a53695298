// What one collective operation has: its members by rank, and messages that no other operation sees.

import type { InnerPeers } from "../peers/inner.ts";
import { type Encoded, valueCodec } from "../values/values.ts";

/** A value on its way: its bytes, and how to read them. */
export type Part = Pick<Encoded, "kind" | "bytes">;

export interface Exchange {
  readonly rank: number;
  readonly size: number;
  /** Resolves when the bytes may be changed again. Parts on the second lane come apart from those on the first. */
  send(to: number, part: Part, lane?: 0 | 1): Promise<void>;
  /** What comes is the receiver's own memory. */
  receive(from: number, lane?: 0 | 1): Promise<Part>;
}

/** The exchanges of one operation, for the steps that it consists of. One that no step needs is not made. */
export type Steps = (step: 0 | 1 | 2) => Exchange;

export const encodePart = (value: unknown): Encoded => valueCodec.encode(value);
export const decodePart = ({ kind, bytes }: Part): unknown => valueCodec.decode(kind, bytes);

/** The same value in memory of its own, as if it had been sent. */
export function copyOf<T>(value: T): T {
  const { kind, bytes, borrowed } = encodePart(value);
  return decodePart({ kind, bytes: borrowed ? Uint8Array.from(bytes) : bytes }) as T;
}

export interface ExchangeOptions {
  readonly peers: InnerPeers;
  readonly rank: number;
  /** The members' ranks in the job, by their rank in the group. */
  readonly members: readonly number[];
  /** And the next one: the operation's two lanes. */
  readonly tag: number;
}

export function openExchange({ peers, rank, members, tag }: ExchangeOptions): Exchange {
  return {
    rank,
    size: members.length,
    send: (to, { kind, bytes }, lane = 0) =>
      told(peers.send(members[to]!, tag + lane, { kind, bytes, borrowed: true })),
    // From one member and never from any: one who takes no part may finish or be lost meanwhile.
    receive: (from, lane = 0) => told(peers.receive(members[from]!, tag + lane, "message")),
  };
}

/** An operation ends with its first error. What it began before then may fail as well: that is no news to anybody. */
function told<T>(promise: Promise<T>): Promise<T> {
  promise.then(undefined, noNews);
  return promise;
}

const noNews = (): void => {};
