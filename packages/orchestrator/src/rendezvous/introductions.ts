// Who has to be introduced to whom, and when. Pure: events go in, orders for workers come out.
//
// A pair is introduced once both have joined and told their candidates; each event yields at most one order of
// introductions for each worker. The work of all events together is proportional to the number of pairs.

import type { Candidate, MappingGuess } from "@fnmesh/core/internal";
import type { MessageBody, OrchestratorMessage, Rung } from "@fnmesh/core/protocol";
import { dialDelays } from "./dial-delay.ts";
import { Orders } from "./orders.ts";

/** The first round is 0. What a failed third retry shows, a fourth would show again. */
export const lastRound = 3;

export type GoneReason = MessageBody<OrchestratorMessage, "gone">["reason"];

export interface IntroductionsOptions {
  readonly size: number;
  /** With "relay" first nobody is introduced: a wanted pair is relayed at once. */
  readonly ladder: readonly Rung[];
  /** The current estimate for a worker's round trip to the orchestrator, undefined when there is none. */
  readonly roundTripMs: (rank: number) => number | undefined;
}

interface Member {
  readonly attempt: number;
  readonly candidates?: readonly Candidate[];
  readonly mapping?: MappingGuess;
}

type Pair =
  | { readonly state: "wanted" }
  | { readonly state: "introduced"; readonly round: number }
  | { readonly state: "relay-wanted"; readonly reason: string }
  | { readonly state: "relayed" };

export class Introductions {
  readonly #options: IntroductionsOptions;
  readonly #members = new Map<number, Member>();
  readonly #gone = new Map<number, GoneReason>();
  readonly #pairs = new Map<number, Pair>();
  /** By rank, those who wait for it to become ready. */
  readonly #waiting = new Map<number, Set<number>>();

  constructor(options: IntroductionsOptions) {
    this.#options = options;
  }

  join(rank: number, attempt: number): Orders {
    this.#members.set(rank, { attempt });
    return this.#nowReady(rank);
  }

  /** Told again, they hold for what is introduced from now on. */
  candidates(rank: number, candidates: readonly Candidate[], mapping: MappingGuess): Orders {
    const member = this.#members.get(rank);
    if (member === undefined) return new Orders();
    this.#members.set(rank, { ...member, candidates, mapping });
    return this.#nowReady(rank);
  }

  /** `rank` wants to talk to `peers`. */
  connect(rank: number, peers: readonly number[]): Orders {
    const orders = new Orders();
    for (const peer of peers) {
      const gone = this.#gone.get(peer);
      if (gone !== undefined) orders.gone(rank, peer, gone);
      else if (peer !== rank && !this.#pairs.has(this.#key(rank, peer))) this.#want(rank, peer, orders);
    }
    return orders;
  }

  /** `rank` asks for `round`, the one before having failed. When the other side asks for the same, that is one with it. */
  retry(
    rank: number,
    peer: number,
    round: number,
    reason: string,
    offered: readonly Candidate[] = [],
  ): Orders {
    const orders = new Orders();
    const pair = this.#pairs.get(this.#key(rank, peer));
    if (pair?.state !== "introduced" || pair.round >= round || this.#isGone(rank, peer, orders))
      return orders;
    if (round > lastRound) this.#relay(rank, peer, reason, orders);
    else this.#introduce(rank, peer, round, orders, offered);
    return orders;
  }

  /** `rank` sees no direct path to `peer`. */
  relay(rank: number, peer: number, reason: string): Orders {
    const orders = new Orders();
    const pair = this.#pairs.get(this.#key(rank, peer));
    if (peer === rank || pair?.state === "relayed" || this.#isGone(rank, peer, orders)) return orders;
    this.#relay(rank, peer, reason, orders);
    return orders;
  }

  /** `rank` will not come any more: all who are here learn of it, and later all who ask for it. */
  leave(rank: number, reason: GoneReason): Orders {
    const orders = new Orders();
    if (this.#gone.has(rank)) return orders;
    this.#gone.set(rank, reason);
    this.#waiting.delete(rank);
    for (const other of this.#members.keys()) {
      if (!this.#gone.has(other)) orders.gone(other, rank, reason);
    }
    return orders;
  }

  /** Those who talk to `rank` over the relay. */
  relayedPeers(rank: number): number[] {
    const others = [...this.#members.keys()];
    return others.filter((other) => this.#pairs.get(this.#key(rank, other))?.state === "relayed");
  }

  #key(a: number, b: number): number {
    return Math.min(a, b) * this.#options.size + Math.max(a, b);
  }

  #isGone(rank: number, peer: number, orders: Orders): boolean {
    const gone = this.#gone.get(peer);
    if (gone !== undefined) orders.gone(rank, peer, gone);
    return gone !== undefined;
  }

  #want(rank: number, peer: number, orders: Orders): void {
    this.#pairs.set(this.#key(rank, peer), { state: "wanted" });
    if (this.#options.ladder[0] === "relay") this.#relay(rank, peer, "channel is relay", orders);
    else this.#advance(rank, peer, orders);
  }

  #relay(rank: number, peer: number, reason: string, orders: Orders): void {
    this.#pairs.set(this.#key(rank, peer), { state: "relay-wanted", reason });
    this.#advance(rank, peer, orders);
  }

  #nowReady(rank: number): Orders {
    const orders = new Orders();
    const waiting = this.#waiting.get(rank) ?? new Set();
    this.#waiting.delete(rank);
    for (const other of waiting) this.#advance(other, rank, orders);
    return orders;
  }

  /** Does what a pair waits for, or notes on whom it waits. */
  #advance(a: number, b: number, orders: Orders): void {
    const pair = this.#pairs.get(this.#key(a, b));
    if (pair?.state !== "wanted" && pair?.state !== "relay-wanted") return;
    const wanted = pair.state === "wanted";
    const missing = [a, b].find((rank) => {
      const member = this.#members.get(rank);
      return wanted ? member?.candidates === undefined : member === undefined;
    });
    if (missing !== undefined) this.#wait(missing, missing === a ? b : a);
    else if (this.#gone.has(a) || this.#gone.has(b)) return;
    else if (wanted) this.#introduce(a, b, 0, orders);
    else this.#tellRelayed(a, b, pair.reason, orders);
  }

  #tellRelayed(a: number, b: number, reason: string, orders: Orders): void {
    this.#pairs.set(this.#key(a, b), { state: "relayed" });
    const route = { route: 1, rung: "relay", reason } as const;
    orders.route(a, { peer: b, attempt: this.#members.get(b)!.attempt, ...route });
    orders.route(b, { peer: a, attempt: this.#members.get(a)!.attempt, ...route });
  }

  #wait(missing: number, other: number): void {
    const waiting = this.#waiting.get(missing);
    if (waiting === undefined) this.#waiting.set(missing, new Set([other]));
    else waiting.add(other);
  }

  /** `offered`: what `a` has for `b` alone. */
  #introduce(a: number, b: number, round: number, orders: Orders, offered: readonly Candidate[] = []): void {
    this.#pairs.set(this.#key(a, b), { state: "introduced", round });
    const { roundTripMs } = this.#options;
    const [delayA, delayB] = dialDelays(roundTripMs(a), roundTripMs(b));
    orders.introduce(a, this.#entry(b, round, delayA));
    orders.introduce(b, this.#entry(a, round, delayB, offered));
  }

  #entry(rank: number, round: number, delayMs: number, offered: readonly Candidate[] = []) {
    const { attempt, candidates = [], mapping = "unknown" } = this.#members.get(rank)!;
    return { rank, attempt, mapping, candidates: [...candidates, ...offered], delayMs, round };
  }
}
