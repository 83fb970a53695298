// The routes of a job's pairs: which one each has, what it has tried, and which one it gets next. The policy says in
// what order; here is what holds whatever it says: nothing twice, nothing outside of the ladder.

import type { MappingGuess } from "@fnmesh/core/internal";
import type { Rung } from "@fnmesh/core/protocol";
import { mayBeDirect, type PairFacts, type Policy, type WayFacts } from "./policy.ts";

/** The orchestrator's own relay, in place of an address or an id. */
export const embeddedRelay = "embedded";

/** Where workers dial a relay. Without it the orchestrator itself is meant. */
export interface RelayAddress {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** The relays that a job may use, and how busy they are. */
export interface RelayChoice {
  /**
   * The least busy one that is not in `tried`, counted as taken by one pair more.
   * Undefined when all were tried.
   */
  take(tried: readonly string[]): RelayAddress | typeof embeddedRelay | undefined;
  /** A pair does not use that one any more. */
  giveBack(id: string): void;
  /** Pairs on the relay that would be taken next. */
  leastPairs(): number;
}

export interface RouteGiven {
  /** Counts from 1 on. */
  readonly route: number;
  readonly rung: Rung;
  readonly relay?: RelayAddress;
  readonly reason: string;
}

export interface PairRoutesOptions {
  readonly size: number;
  readonly ladder: readonly Rung[];
  readonly auto: boolean;
  /** Why the ladder has no direct way, where it is not that the user wants none. */
  readonly notDirect?: string;
  readonly policy: Policy;
  readonly relays: RelayChoice;
  readonly ways: Readonly<Partial<Record<Rung, WayFacts>>>;
}

/** What is known of a pair beside its routes. */
export interface PairKnown {
  readonly mappings: readonly [MappingGuess, MappingGuess];
  readonly roundTripMs: readonly [number | undefined, number | undefined];
  readonly bytes: number | undefined;
}

interface PairRoute {
  readonly number: number;
  readonly rung: Rung | undefined;
  readonly relay: string | undefined;
  readonly failed: readonly Rung[];
  readonly triedRelays: readonly string[];
  /** Why it is not direct. */
  readonly why: string | undefined;
  readonly exhausted: boolean;
}

interface Chosen {
  readonly state: PairRoute & { readonly rung: Rung };
  readonly relay?: RelayAddress;
}

/** The longest reason that a message carries. */
const mostReason = 512;
/** The greatest number that a message carries. */
const lastRoute = 1_000;

const none: PairRoute = {
  number: 0,
  rung: undefined,
  relay: undefined,
  failed: [],
  triedRelays: [],
  why: undefined,
  exhausted: false,
};

export class PairRoutes {
  readonly #options: PairRoutesOptions;
  /** Only of pairs that were given one: those that are direct at the first try cost nothing here. */
  readonly #routes = new Map<number, PairRoute>();
  readonly #sharers = new Map<Rung, number>();

  constructor(options: PairRoutesOptions) {
    this.#options = options;
  }

  /** The number of the pair's route; 0 when it has none. */
  numberOf(pair: number): number {
    return this.#routes.get(pair)?.number ?? 0;
  }

  /** Whether there is nothing left for the pair. */
  isExhausted(pair: number): boolean {
    return this.#routes.get(pair)?.exhausted ?? false;
  }

  /** What the pair may still try, in order. */
  open(pair: number, known: PairKnown): readonly Rung[] {
    return this.#open(this.#routes.get(pair) ?? none, known);
  }

  /** The next route, what the pair has now being of no use. Undefined when nothing is left. */
  next(pair: number, known: PairKnown, reason: string): RouteGiven | undefined {
    const state = this.#routes.get(pair) ?? none;
    const why = state.why ?? reason;
    const said = state.number === 0 ? reason : `${why.slice(0, mostReason / 2)}; ${state.rung}: ${reason}`;
    this.#leave(state);
    const chosen =
      state.number < lastRoute ? this.#choose({ ...this.#without(state), why }, known) : undefined;
    if (chosen === undefined) {
      this.#routes.set(pair, { ...state, why, rung: undefined, relay: undefined, exhausted: true });
      return undefined;
    }
    const { number: route, rung } = chosen.state;
    this.#routes.set(pair, chosen.state);
    this.#sharers.set(rung, (this.#sharers.get(rung) ?? 0) + 1);
    const relay = chosen.relay === undefined ? {} : { relay: chosen.relay };
    return { route, rung, ...relay, reason: said.slice(0, mostReason) };
  }

  /** The pairs that are on this relay now. */
  pairsOn(relay: string): number[] {
    return [...this.#routes].flatMap(([pair, state]) => (state.relay === relay ? [pair] : []));
  }

  /** Why a pair that has tried nothing is not to be direct. */
  whyNotDirect({ mappings }: PairKnown): string {
    const { ladder, notDirect } = this.#options;
    if (!ladder.includes("direct")) return notDirect ?? `channel is ${ladder.join(",")}`;
    return mayBeDirect({ mappings })
      ? "the policy prefers another way"
      : "neither NAT keeps one mapping for all destinations";
  }

  /** The state with what it has now among what failed. Of relays only the one, until there is no other. */
  #without(state: PairRoute): PairRoute {
    if (state.rung === undefined) return { ...state, failed: ["direct"] };
    if (state.rung === "relay") return { ...state, triedRelays: [...state.triedRelays, state.relay!] };
    return { ...state, failed: [...state.failed, state.rung] };
  }

  #open(state: PairRoute, known: PairKnown): readonly Rung[] {
    const { ladder, policy } = this.#options;
    const proposed = new Set(policy(this.#facts(state, known)));
    return [...proposed].filter((rung) => ladder.includes(rung) && !state.failed.includes(rung));
  }

  #choose(state: PairRoute, known: PairKnown): Chosen | undefined {
    const number = state.number + 1;
    const open = this.#open(state, known);
    // A relay that broke is replaced by another one before anything slower is asked for.
    const order = state.rung === "relay" ? [...open].sort((a, b) => relayFirst(a) - relayFirst(b)) : open;
    let { failed } = state;
    for (const rung of order) {
      if (rung !== "relay") return { state: { ...state, number, rung, relay: undefined, failed } };
      const taken = this.#options.relays.take(state.triedRelays);
      if (taken === embeddedRelay) return { state: { ...state, number, rung, relay: embeddedRelay } };
      if (taken !== undefined) return { state: { ...state, number, rung, relay: taken.id }, relay: taken };
      failed = [...failed, rung];
    }
    return undefined;
  }

  #leave({ rung, relay }: PairRoute): void {
    if (rung !== undefined) this.#sharers.set(rung, (this.#sharers.get(rung) ?? 1) - 1);
    if (relay !== undefined) this.#options.relays.giveBack(relay);
  }

  #facts({ failed }: PairRoute, { bytes, ...known }: PairKnown): PairFacts {
    const { ladder, auto, size, ways, relays } = this.#options;
    const sharers = { ...Object.fromEntries(this.#sharers), relay: relays.leastPairs() };
    return { ladder, auto, size, ways, sharers, failed, ...known, ...(bytes === undefined ? {} : { bytes }) };
  }
}

const relayFirst = (rung: Rung): number => (rung === "relay" ? 0 : 1);
