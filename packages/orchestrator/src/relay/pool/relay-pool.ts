// The relays that run as processes of their own, as far as they are registered now, and how busy each is. Pure.
// Without any, or when a pair has tried all of them, the orchestrator's own relay serves.

import { embeddedRelay, type RelayAddress, type RelayChoice } from "../../routing/pair-routes.ts";

/** One job's use of the relays. */
export interface JobRelays extends RelayChoice {
  /** Relays that are registered now, whosever pairs they serve: each is a server that somebody pays for. */
  readonly servers: number;
  /** The job is over: its pairs count no more. May be called twice. */
  end(): void;
}

interface Registered {
  readonly address: RelayAddress;
  /** Passed on between its last two reports: what it does now, and not what it ever did. */
  recentBytes: number;
}

export class RelayPool {
  readonly #registered = new Map<string, Registered>();
  /** By relay. It outlives a registration: a relay that comes back still has its pairs. */
  readonly #pairs = new Map<string, number>();

  get size(): number {
    return this.#registered.size;
  }

  /** Pairs that were given a relay and have not left it, by relay; the orchestrator's own is `embedded`. */
  get pairs(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#pairs);
  }

  add(address: RelayAddress): void {
    this.#registered.set(address.id, { address, recentBytes: 0 });
  }

  remove(id: string): void {
    this.#registered.delete(id);
  }

  /** It has passed so many bytes on since it told last. */
  busy(id: string, recentBytes: number): void {
    const relay = this.#registered.get(id);
    if (relay !== undefined) relay.recentBytes = recentBytes;
  }

  forJob(): JobRelays {
    const taken = new Map<string, number>();
    const registered = this.#registered;
    const change = (id: string, by: number) => {
      count(taken, id, by);
      count(this.#pairs, id, by);
    };
    return {
      get servers() {
        return registered.size;
      },
      take: (tried) => {
        const relay = this.#leastBusy(tried);
        if (relay === undefined && tried.includes(embeddedRelay)) return undefined;
        change(relay?.address.id ?? embeddedRelay, 1);
        return relay?.address ?? embeddedRelay;
      },
      giveBack: (id) => {
        if (taken.has(id)) change(id, -1);
      },
      leastPairs: () => this.#pairsOf(this.#leastBusy([])?.address.id ?? embeddedRelay),
      end: () => {
        for (const [id, pairs] of [...taken]) change(id, -pairs);
      },
    };
  }

  #pairsOf(id: string): number {
    return this.#pairs.get(id) ?? 0;
  }

  /** Fewest pairs first, then fewest bytes; then by name, so that the choice can be repeated. */
  #leastBusy(tried: readonly string[]): Registered | undefined {
    let least: Registered | undefined;
    for (const relay of this.#registered.values()) {
      if (tried.includes(relay.address.id)) continue;
      if (least === undefined || this.#compare(relay, least) < 0) least = relay;
    }
    return least;
  }

  #compare(a: Registered, b: Registered): number {
    const byPairs = this.#pairsOf(a.address.id) - this.#pairsOf(b.address.id);
    if (byPairs !== 0) return byPairs;
    return a.recentBytes - b.recentBytes || (a.address.id < b.address.id ? -1 : 1);
  }
}

function count(counts: Map<string, number>, id: string, by: number): void {
  const now = (counts.get(id) ?? 0) + by;
  if (now > 0) counts.set(id, now);
  else counts.delete(id);
}
