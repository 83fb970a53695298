// Who has to be introduced to whom, and who is given another way. Pure: events go in, orders for workers come out.
//
// A pair is introduced once both have joined and told their candidates; another way needs no candidates. Each event
// yields at most one order of introductions for each worker. The work of all events together is proportional to the
// number of pairs.

import type { Candidate, MappingGuess } from "@fnmesh/core/internal";
import type { MessageBody, OrchestratorMessage } from "@fnmesh/core/protocol";
import { type PairKnown, PairRoutes, type PairRoutesOptions } from "../routing/pair-routes.ts";
import { dialDelays } from "./dial-delay.ts";
import { Orders } from "./orders.ts";

/** The first round is 0. What a failed third retry shows, a fourth would show again. */
export const lastRound = 3;

export type GoneReason = MessageBody<OrchestratorMessage, "gone">["reason"];

export interface IntroductionsOptions extends PairRoutesOptions {
  /** The current estimate for a worker's round trip to the orchestrator, undefined when there is none. */
  readonly roundTripMs: (rank: number) => number | undefined;
}

interface Member {
  readonly attempt: number;
  readonly candidates?: readonly Candidate[];
  readonly mapping?: MappingGuess;
}

interface Pair {
  /** What it gets as soon as both are ready for it. */
  wants: "introduction" | "route" | undefined;
  /** Why it wants a route, where it was told. */
  reason: string | undefined;
  /** The last round of dialling that it was introduced for. */
  round: number | undefined;
  /** Of the largest message that waits, if told. */
  bytes: number | undefined;
}

export class Introductions {
  readonly #options: IntroductionsOptions;
  readonly #routes: PairRoutes;
  readonly #members = new Map<number, Member>();
  readonly #gone = new Map<number, GoneReason>();
  readonly #pairs = new Map<number, Pair>();
  /** By rank, those who wait for it to become ready. */
  readonly #waiting = new Map<number, Set<number>>();

  constructor(options: IntroductionsOptions) {
    this.#options = options;
    this.#routes = new PairRoutes(options);
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

  /** `rank` wants to talk to `peers`; `bytes`: its largest message to one of them. */
  connect(rank: number, peers: readonly number[], bytes?: number): Orders {
    const orders = new Orders();
    for (const peer of peers) {
      const gone = this.#gone.get(peer);
      const pair = this.#pairs.get(this.#key(rank, peer));
      if (gone !== undefined) orders.gone(rank, peer, gone);
      else if (pair !== undefined) pair.bytes = most(pair.bytes, bytes);
      else if (peer !== rank) this.#want(rank, peer, bytes, orders);
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
    if (pair?.round === undefined || pair.round >= round || this.#isGone(rank, peer, orders)) return orders;
    const goesOn = round <= lastRound;
    if (goesOn) this.#introduce(rank, peer, round, orders, offered);
    // A door that is offered at once belongs to the first round: nothing has failed yet.
    const failed = offered.length === 0 || round > 1;
    if (failed && this.#routes.numberOf(this.#key(rank, peer)) === 0) {
      // While the pair punches on, it is no news that there is nothing else.
      if (!goesOn || this.#hasOthers(rank, peer)) this.#route(rank, peer, reason, orders);
    }
    return orders;
  }

  /** The pair's `route` (0: the direct path) failed for `rank`. The second side to say so is one with the first. */
  fallback(rank: number, peer: number, route: number, reason: string): Orders {
    const orders = new Orders();
    const key = this.#key(rank, peer);
    if (peer === rank || this.#isGone(rank, peer, orders)) return orders;
    if (route !== this.#routes.numberOf(key) || this.#routes.isExhausted(key)) return orders;
    const pair = this.#pairs.get(key) ?? this.#enter(key);
    if (pair.wants === "route") return orders;
    // Who gives the direct path up is not to be introduced again.
    if (route === 0) pair.round = undefined;
    pair.wants = "route";
    pair.reason = reason;
    this.#advance(rank, peer, orders);
    return orders;
  }

  /** A relay is gone without a word: its pairs may not see that for long, so they are told. */
  relayGone(relay: string, reason: string): Orders {
    const orders = new Orders();
    const { size } = this.#options;
    for (const key of this.#routes.pairsOn(relay)) {
      const [low, high] = [Math.floor(key / size), key % size];
      if (!this.#gone.has(low) && !this.#gone.has(high)) this.#route(low, high, reason, orders);
    }
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

  #key(a: number, b: number): number {
    return Math.min(a, b) * this.#options.size + Math.max(a, b);
  }

  #isGone(rank: number, peer: number, orders: Orders): boolean {
    const gone = this.#gone.get(peer);
    if (gone !== undefined) orders.gone(rank, peer, gone);
    return gone !== undefined;
  }

  #enter(key: number): Pair {
    const pair: Pair = { wants: undefined, reason: undefined, round: undefined, bytes: undefined };
    this.#pairs.set(key, pair);
    return pair;
  }

  #want(rank: number, peer: number, bytes: number | undefined, orders: Orders): void {
    const pair = this.#enter(this.#key(rank, peer));
    pair.bytes = bytes;
    pair.wants = this.#options.ladder.includes("direct") ? "introduction" : "route";
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
    if (pair?.wants === undefined) return;
    const { wants } = pair;
    const missing = [a, b].find((rank) => {
      const member = this.#members.get(rank);
      return wants === "introduction" ? member?.candidates === undefined : member === undefined;
    });
    if (missing !== undefined) {
      this.#wait(missing, missing === a ? b : a);
      return;
    }
    pair.wants = undefined;
    if (this.#gone.has(a) || this.#gone.has(b)) return;
    if (wants === "route") this.#route(a, b, pair.reason, orders);
    else this.#begin(a, b, orders);
  }

  /** The pair's first way. Where the policy has direct behind another one, the pair punches while it talks. */
  #begin(a: number, b: number, orders: Orders): void {
    const open = this.#routes.open(this.#key(a, b), this.#known(a, b));
    if (open.includes("direct")) this.#introduce(a, b, 0, orders);
    if (open[0] !== "direct") this.#route(a, b, undefined, orders);
  }

  #hasOthers(a: number, b: number): boolean {
    return this.#routes.open(this.#key(a, b), this.#known(a, b)).some((rung) => rung !== "direct");
  }

  /** The pair's next way beside direct, or that there is none. */
  #route(a: number, b: number, reason: string | undefined, orders: Orders): void {
    const known = this.#known(a, b);
    const said = reason ?? this.#routes.whyNotDirect(known);
    const given = this.#routes.next(this.#key(a, b), known, said);
    const tell = (to: number, peer: number) => {
      if (given === undefined) orders.noroute(to, peer, said);
      else orders.route(to, { peer, attempt: this.#members.get(peer)!.attempt, ...given });
    };
    tell(a, b);
    tell(b, a);
  }

  #known(a: number, b: number): PairKnown {
    const { roundTripMs } = this.#options;
    const mapping = (rank: number) => this.#members.get(rank)?.mapping ?? "unknown";
    return {
      mappings: [mapping(a), mapping(b)],
      roundTripMs: [roundTripMs(a), roundTripMs(b)],
      bytes: this.#pairs.get(this.#key(a, b))?.bytes,
    };
  }

  #wait(missing: number, other: number): void {
    const waiting = this.#waiting.get(missing);
    if (waiting === undefined) this.#waiting.set(missing, new Set([other]));
    else waiting.add(other);
  }

  /** `offered`: what `a` has for `b` alone. */
  #introduce(a: number, b: number, round: number, orders: Orders, offered: readonly Candidate[] = []): void {
    this.#pairs.get(this.#key(a, b))!.round = round;
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

const most = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
