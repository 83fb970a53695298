// Why connections are turned away, and how often each happened: the counts that the metrics show.

import type { Endpoint, Log, LogFields } from "@fnmesh/core/internal";

export const refusalReasons = {
  "too-many-connections": "all connections that the orchestrator takes are in use",
  "proxy-untrusted": "it does not come from the balancer",
  "proxy-header": "the balancer did not say, or not rightly, whom it connects",
  evicted: "it had not proved who it is, and newer connections from its address needed the place",
  "handshake-timeout": "it did not finish the handshake in time",
  handshake: "it did not speak the handshake's protocol",
  auth: "it does not hold the key of the worker (or relay) that it claims to be",
  "unknown-identity": "its identity is not one of this protocol's version",
  "unknown-job": "its job does not run here",
  "rank-out-of-range": "its job has no worker of that rank",
  "stale-attempt": "its attempt is not the current one of that rank",
  "relay-not-allowed": "its worker has not joined, or its job does not use the relay",
  "no-relays": "it is a relay, and this orchestrator has no relay token",
  duplicate: "its worker has a connection already",
  "hello-timeout": "it did not say hello in time",
  "hello-mismatch": "its hello is not that of the identity it proved",
  version: "it speaks another version of the protocol",
  protocol: "it sent something that the protocol does not have",
  "frame-too-large": "it announced a frame beyond the limit",
  backlog: "it does not read what is sent to it",
} as const;

export type RefusalReason = keyof typeof refusalReasons;

export class Refusals {
  readonly #counts = new Map<RefusalReason, number>();

  /** Returns how often the reason has come up, this time included. */
  count(reason: RefusalReason): number {
    const count = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, count);
    return count;
  }

  /** All reasons, those that never came up with 0: a metric that exists from the start. */
  counts(): Readonly<Record<RefusalReason, number>> {
    const reasons = Object.keys(refusalReasons) as RefusalReason[];
    return Object.fromEntries(reasons.map((reason) => [reason, this.#counts.get(reason) ?? 0])) as Record<
      RefusalReason,
      number
    >;
  }
}

/** Counts it, and logs it when it is worth a line. */
export function tellRefusal(
  { refusals, log }: { readonly refusals: Refusals; readonly log: Log },
  reason: RefusalReason,
  from: Endpoint,
  who: LogFields = {},
): void {
  const count = refusals.count(reason);
  if (!worthLogging(count)) return;
  log.warn(`refused a connection: ${refusalReasons[reason]}`, { reason, count, from: from.host, ...who });
}

/** The 1st, 2nd, 4th, 8th, … time is worth a line in the log: a flood writes few, and none is missed. */
export const worthLogging = (count: number): boolean => (count & (count - 1)) === 0;
