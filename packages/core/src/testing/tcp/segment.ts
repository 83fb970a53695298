// What travels in the virtual network: TCP segments, reduced to what hole punching and flow control depend on.

import type { Endpoint } from "../../env/env.ts";

/** `unreachable` stands for the ICMP message of that name. */
export type SegmentKind = "syn" | "syn-ack" | "ack" | "data" | "fin" | "rst" | "unreachable";

export interface Segment {
  readonly kind: SegmentKind;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Stands for the initial sequence number: unique to each attempt to connect, so that stale segments show. 0: none. */
  readonly attempt: number;
  /** The other side's attempt that this acknowledges. 0: none. */
  readonly answers: number;
  /** Where in the stream the bytes start. */
  readonly position: number;
  /** The position that is expected next from the other side. */
  readonly expects: number;
  /** How many bytes more the other side may have under way. */
  readonly window: number;
  readonly bytes: Uint8Array;
}

/** Errors are never answered with an error (RFC 1122, section 3.2.2). */
export const wantsAnswer = ({ kind }: Segment): boolean => kind !== "rst" && kind !== "unreachable";

export const noBytes = new Uint8Array(0);

/** What a host answers to a segment for which it has no connection (RFC 9293, section 3.5.2). */
export function resetFor(segment: Segment): Segment {
  return {
    kind: "rst",
    from: segment.to,
    to: segment.from,
    attempt: segment.answers,
    answers: segment.attempt,
    position: 0,
    expects: 0,
    window: 0,
    bytes: noBytes,
  };
}

export const unreachableFor = (segment: Segment): Segment => ({ ...resetFor(segment), kind: "unreachable" });
