// Who may wait for a handshake. Pure: connections are ids, time is given.
//
// Strangers must not use up the orchestrator, and must not lock out the workers behind the NAT that they share with
// them. So an address that is full does not lose its newest connection but its oldest: a worker proves itself within
// a few round trips, while what waits for long is what never will. An address with many failures gets fewer places.

import { addressGroup } from "./address.ts";

export interface AdmissionLimits {
  /** All connections, whatever their state. */
  readonly connections: number;
  /** Unproven ones from one address, on top of as many as workers are expected. */
  readonly pendingPerAddress: number;
  /** The same, for an address whose budget of failures is used up. */
  readonly pendingPerSuspect: number;
  /** Failures that an address may have at once. */
  readonly failureBudget: number;
  /** How fast the budget fills again. */
  readonly failuresPerSecond: number;
}

export const admissionLimits: AdmissionLimits = {
  connections: 8192,
  pendingPerAddress: 256,
  pendingPerSuspect: 32,
  failureBudget: 256,
  failuresPerSecond: 16,
};

/** Addresses about which something is remembered; beyond it, those that are at rest are forgotten. */
const mostAddresses = 10_000;

interface Party {
  /** Ids in the order of their coming. */
  readonly pending: Set<number>;
  failures: number;
  updatedAt: number;
}

export type Verdict =
  | { readonly admit: true; readonly evict?: number }
  | { readonly admit: false; readonly reason: "too-many-connections" };

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #parties = new Map<string, Party>();
  readonly #groupOf = new Map<number, string>();
  #open = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get pending(): number {
    return this.#groupOf.size;
  }

  /** A connection has come. `evict` names one that has to go for it: report its leaving by `left`. */
  arrive(id: number, address: string, expectedWorkers: number, nowMs: number): Verdict {
    const party = this.#party(addressGroup(address), nowMs);
    const suspect = party.failures >= this.#limits.failureBudget;
    const { pendingPerAddress, pendingPerSuspect } = this.#limits;
    const places = (suspect ? pendingPerSuspect : pendingPerAddress) + expectedWorkers;
    const crowded = party.pending.size >= places ? party : undefined;
    const full = this.#open >= this.#limits.connections ? this.#mostPending() : undefined;
    if (full === undefined && this.#open >= this.#limits.connections) {
      return { admit: false, reason: "too-many-connections" };
    }
    const [oldest] = (crowded ?? full)?.pending ?? [];
    if (oldest !== undefined) this.#settle(oldest);
    this.#open += 1;
    party.pending.add(id);
    this.#groupOf.set(id, addressGroup(address));
    return oldest === undefined ? { admit: true } : { admit: true, evict: oldest };
  }

  /** It has proved who it is. */
  proved(id: number): void {
    this.#settle(id);
  }

  /** It has failed to prove who it is; `left` follows. */
  failed(id: number, nowMs: number): void {
    const group = this.#groupOf.get(id);
    if (group === undefined) return;
    const party = this.#party(group, nowMs);
    party.failures = Math.min(party.failures + 1, this.#limits.failureBudget * 2);
    this.#settle(id);
  }

  /** It is closed. To be called once for each that was admitted. */
  left(id: number): void {
    this.#settle(id);
    this.#open -= 1;
  }

  #settle(id: number): void {
    const group = this.#groupOf.get(id);
    if (group === undefined) return;
    this.#groupOf.delete(id);
    this.#parties.get(group)?.pending.delete(id);
  }

  #party(group: string, nowMs: number): Party {
    const known = this.#parties.get(group);
    if (known !== undefined) {
      const recovered = ((nowMs - known.updatedAt) / 1000) * this.#limits.failuresPerSecond;
      known.failures = Math.max(0, known.failures - recovered);
      known.updatedAt = nowMs;
      return known;
    }
    if (this.#parties.size >= mostAddresses) this.#forgetOne();
    const party: Party = { pending: new Set(), failures: 0, updatedAt: nowMs };
    this.#parties.set(group, party);
    return party;
  }

  /** The one known longest of those at rest: what it did is longest ago. */
  #forgetOne(): void {
    for (const [group, party] of this.#parties) {
      if (party.pending.size > 0) continue;
      this.#parties.delete(group);
      return;
    }
  }

  #mostPending(): Party | undefined {
    let most: Party | undefined;
    for (const party of this.#parties.values()) {
      if (party.pending.size > (most?.pending.size ?? 0)) most = party;
    }
    return most;
  }
}
