// Introductions to play with, and what they say.

import type { Candidate } from "@fnmesh/core/internal";
import type { OrchestratorMessage } from "@fnmesh/core/protocol";
import { RelayPool } from "../../relay/pool/relay-pool.ts";
import { defaultPolicy } from "../../routing/policy.ts";
import { Introductions, type IntroductionsOptions } from "../introductions.ts";
import type { Orders } from "../orders.ts";

export const candidate = (rank: number): Candidate => ({
  type: "srflx",
  tcpType: "so",
  host: "192.0.2.1",
  port: 1000 + rank,
});

export const introductionsOf = (options: Partial<IntroductionsOptions> = {}) =>
  new Introductions({
    size: 8,
    ladder: ["direct", "relay"],
    auto: false,
    policy: defaultPolicy,
    relays: new RelayPool().forJob(),
    ways: {},
    roundTripMs: () => 10,
    ...options,
  });

export function setUp(options: Partial<IntroductionsOptions> = {}) {
  const introductions = introductionsOf(options);
  const ready = (...ranks: number[]) =>
    ranks.flatMap((rank) => [
      ...told(introductions.join(rank, 0)),
      ...told(introductions.candidates(rank, [candidate(rank)], "endpoint-independent")),
    ]);
  return { introductions, ready };
}

export const relayed = { type: "route", route: 1, rung: "relay" } as const;

export type Told = readonly [rank: number, message: OrchestratorMessage];
export const told = (orders: Orders): Told[] => [...orders.messages()];

export const introducedTo = (messages: readonly Told[], rank: number): number[] =>
  messages.flatMap(([to, message]) =>
    to === rank && message.type === "introduce" ? message.peers.map((peer) => peer.rank) : [],
  );

export const typesOf = (orders: Orders) => told(orders).map(([to, { type }]) => [to, type]);
