// Which way a pair takes, and which one after it. Pure and replaceable: facts go in, rungs in order come out.
// docs/ARCHITECTURE.md has the rule as a table.
//
// With a ladder that the user wrote, the order is the user's. With `auto` it is: direct where it can be had; else what
// costs least, where waiting costs what two waiting functions do. So one rule holds latency, bandwidth and price.

import type { MappingGuess } from "@fnmesh/core/internal";
import type { Rung } from "@fnmesh/core/protocol";

/** What is known of one way; what is not takes the presets below. */
export interface WayFacts {
  /** For an empty message, from the sender's hand to the receiver's. */
  readonly latencyMs?: number;
  /** US dollars for each 10^9 bytes that pass. */
  readonly pricePerGb?: number;
  /** US dollars for each request; a message takes `requests` of them. */
  readonly pricePerRequest?: number;
}

/** What is known when a pair needs a way. */
export interface PairFacts {
  /** The ways that the job may use. */
  readonly ladder: readonly Rung[];
  /** Whether the user left the choice to fnmesh. */
  readonly auto: boolean;
  /** What this pair has tried in vain. */
  readonly failed: readonly Rung[];
  /** How the two NATs map, as far as told. */
  readonly mappings: readonly [MappingGuess, MappingGuess];
  /** Of the job: a worker of it that sends to one often sends to `size - 1`. */
  readonly size: number;
  /** Of the largest message that waits, if told. */
  readonly bytes?: number;
  /** Of each of the two to the orchestrator; undefined without an estimate. */
  readonly roundTripMs: readonly [number | undefined, number | undefined];
  readonly ways: Readonly<Partial<Record<Rung, WayFacts>>>;
  /** Pairs that have been given this way and share its server; of relays, on the one that has least. */
  readonly sharers: Readonly<Partial<Record<Rung, number>>>;
}

/** The ways to try, the first one first. One that is not in the ladder, or has failed, is passed over. */
export type Policy = (facts: PairFacts) => readonly Rung[];

interface Traits {
  /** Beside the way to the server and from it. */
  readonly latencyMs: number;
  readonly bytesPerMs: number;
  /** Whether all pairs share that rate; otherwise each has it for itself. */
  readonly shared: boolean;
  /** A message that is written whole before it is read takes its time twice. */
  readonly passes: 1 | 2;
  /** Requests for one message, by those who receive from one sender. */
  readonly requests: (receivers: number) => number;
}

/** 5 Gbit/s: what one server of a common size sends. */
const serverBytesPerMs = 625_000;
const memoryStore: Traits = {
  latencyMs: 1,
  bytesPerMs: serverBytesPerMs,
  shared: true,
  passes: 2,
  requests: () => 2,
};
/** 40 ms to the first byte of each request, 50 MB/s a connection: as measured from functions. */
const objectStore = { latencyMs: 80, bytesPerMs: 50_000, shared: false, passes: 2 } as const;

const traits: Readonly<Record<Exclude<Rung, "direct">, Traits>> = {
  relay: { latencyMs: 0, bytesPerMs: serverBytesPerMs, shared: true, passes: 1, requests: () => 0 },
  redis: memoryStore,
  memcached: memoryStore,
  "s3-naive": { ...objectStore, requests: () => 2 },
  // One object for all receivers, and an index that each of them reads first.
  "s3-combined": { ...objectStore, requests: (receivers) => 2 + 1 / receivers },
};

/** Two functions of 1 GB (AWS Lambda, x86). Other sizes and platforms move the borders a little, not the order. */
const dollarsPerWaitedMs = (2 * 0.0000166667) / 1000;
/** In one region. */
const presumedDistanceMs = 1;
/** What a message counts whose size nobody has told. */
export const presumedBytes = 64 * 1024;

/** fnmesh's own policy. Deterministic: the same facts give the same order. */
export const defaultPolicy: Policy = (facts) => {
  const open = facts.ladder.filter((rung) => !facts.failed.includes(rung));
  if (!facts.auto) return open;
  const direct = open.includes("direct") && mayBeDirect(facts) ? (["direct"] as const) : [];
  const others = open
    .filter((rung) => rung !== "direct")
    .map((rung) => ({ rung, dollars: dollarsOf(rung, facts) }))
    .sort((a, b) => a.dollars - b.dollars); // Stable: what costs the same stays in the ladder's order.
  return [...direct, ...others.map(({ rung }) => rung)];
};

const unpredictable = (mapping: MappingGuess): boolean =>
  mapping === "address-dependent" || mapping === "address-and-port-dependent";

/** Workers would not even try: neither knows at which address the other can be met. */
export const mayBeDirect = ({ mappings }: Pick<PairFacts, "mappings">): boolean =>
  !mappings.every(unpredictable);

/** What one message costs over that way: the waiting of both, and the way's own price. */
export function dollarsOf(rung: Exclude<Rung, "direct">, facts: PairFacts): number {
  const { bytes = presumedBytes, size, sharers } = facts;
  const { bytesPerMs, shared, passes, requests } = traits[rung];
  const { pricePerGb = 0, pricePerRequest = 0 } = facts.ways[rung] ?? {};
  const share = shared ? (sharers[rung] ?? 0) + 1 : 1;
  const waitedMs = latencyOf(rung, facts) + (passes * bytes * share) / bytesPerMs;
  const price = (pricePerGb * bytes) / 1e9 + pricePerRequest * requests(Math.max(1, size - 1));
  return waitedMs * dollarsPerWaitedMs + price;
}

/** What nobody has measured is presumed to be as far away as the orchestrator is. */
function latencyOf(rung: Exclude<Rung, "direct">, { ways, roundTripMs: [a, b] }: PairFacts): number {
  const distanceMs = a === undefined || b === undefined ? presumedDistanceMs : (a + b) / 2;
  return ways[rung]?.latencyMs ?? distanceMs + traits[rung].latencyMs;
}
