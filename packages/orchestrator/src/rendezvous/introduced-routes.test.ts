// What a pair gets beside, and after, its introduction.

import type { Candidate } from "@fnmesh/core/internal";
import { describe, expect, test } from "vitest";
import { RelayPool } from "../relay/pool/relay-pool.ts";
import { lastRound } from "./introductions.ts";
import {
  candidate,
  introducedTo,
  relayed,
  setUp,
  type Told,
  told,
  typesOf,
} from "./testing/introductions.ts";

describe("rounds", () => {
  test("one side's retry introduces both again, and the other side's retry is one with it", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    introductions.connect(0, [1]);
    const again = told(introductions.retry(1, 0, 1, "refused"));
    const rounds = again.flatMap(([, message]) =>
      message.type === "introduce" ? message.peers[0]!.round : [],
    );
    expect(rounds).toEqual([1, 1]);
    expect(told(introductions.retry(0, 1, 1, "refused"))).toEqual([]);
  });

  test("when the first one has failed the pair talks over the next way at once, and punches on", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    expect(typesOf(introductions.connect(0, [1]))).toEqual([
      [0, "introduce"],
      [1, "introduce"],
    ]);
    const messages = told(introductions.retry(0, 1, 1, "nothing came through"));
    expect(messages.filter(([, message]) => message.type === "route")).toEqual([
      [0, { ...relayed, peer: 1, attempt: 0, reason: "nothing came through" }],
      [1, { ...relayed, peer: 0, attempt: 0, reason: "nothing came through" }],
    ]);
    expect(introducedTo(messages, 0)).toEqual([1]);
    // A later round is only a round, and who gives up all of them has its route already.
    expect(typesOf(introductions.retry(1, 0, 2, "again"))).toEqual([
      [1, "introduce"],
      [0, "introduce"],
    ]);
    expect(told(introductions.fallback(1, 0, 0, "no more"))).toEqual([]);
    expect(told(introductions.retry(1, 0, lastRound + 1, "no more"))).toEqual([]);
  });

  test("a door that one side opens is still the first round: the relay has nothing to do yet", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    introductions.connect(0, [1]);
    const door: Candidate = { ...candidate(0), tcpType: "passive" };
    expect(typesOf(introductions.retry(0, 1, 1, "the dials do not meet", [door]))).toEqual([
      [0, "introduce"],
      [1, "introduce"],
    ]);
    expect(typesOf(introductions.retry(1, 0, 2, "nothing came through", [door]))).toContainEqual([
      0,
      "route",
    ]);
  });

  test("without another way they go on to the last one, and then both learn that there is none", () => {
    const { introductions, ready } = setUp({ ladder: ["direct"] });
    ready(0, 1);
    introductions.connect(0, [1]);
    for (let round = 1; round <= lastRound; round++) {
      expect(typesOf(introductions.retry(0, 1, round, "refused"))).toEqual([
        [0, "introduce"],
        [1, "introduce"],
      ]);
    }
    expect(told(introductions.retry(0, 1, lastRound + 1, "refused"))).toEqual([
      [0, { type: "noroute", peer: 1, reason: "refused" }],
      [1, { type: "noroute", peer: 0, reason: "refused" }],
    ]);
    expect(told(introductions.fallback(1, 0, 0, "the same here"))).toEqual([]);
  });

  test("a retry of a pair that was never introduced says nothing", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    expect(told(introductions.retry(0, 1, 1, "refused"))).toEqual([]);
  });
});

describe("another way", () => {
  test("is given to both sides at the first wish, even before the peer has joined", () => {
    const { introductions } = setUp();
    introductions.join(0, 0);
    expect(told(introductions.fallback(0, 1, 0, "symmetric NAT"))).toEqual([]);
    expect(told(introductions.join(1, 3))).toEqual([
      [0, { ...relayed, peer: 1, attempt: 3, reason: "symmetric NAT" }],
      [1, { ...relayed, peer: 0, attempt: 0, reason: "symmetric NAT" }],
    ]);
    expect(told(introductions.fallback(1, 0, 0, "the same here"))).toEqual([]);
  });

  test("is given at once where direct is not wanted, without candidates", () => {
    const { introductions } = setUp({ ladder: ["relay", "redis"] });
    introductions.join(0, 0);
    introductions.join(1, 0);
    expect(told(introductions.connect(0, [1])).map(([, message]) => message)).toEqual([
      { ...relayed, peer: 1, attempt: 0, reason: "channel is relay,redis" },
      { ...relayed, peer: 0, attempt: 0, reason: "channel is relay,redis" },
    ]);
  });

  test("says why where the platform's network has no direct way", () => {
    const { introductions } = setUp({ ladder: ["relay"], notDirect: "its functions cannot be punched" });
    introductions.join(0, 0);
    introductions.join(1, 0);
    const [first] = told(introductions.connect(0, [1]));
    expect(first).toMatchObject([0, { rung: "relay", reason: "its functions cannot be punched" }]);
  });

  test("follows on the one that failed, down the ladder, until none is left", () => {
    const { introductions, ready } = setUp({ ladder: ["direct", "relay", "redis", "s3-combined"] });
    ready(0, 1);
    introductions.connect(0, [1]);
    const rungs = ["relay", "redis", "s3-combined"];
    for (const [index, rung] of rungs.entries()) {
      const [first] = told(introductions.fallback(index % 2, 1 - (index % 2), index, `no ${index}`));
      expect(first).toMatchObject([index % 2, { type: "route", route: index + 1, rung }]);
      // What the other side says of the same loss comes late.
      expect(told(introductions.fallback(1 - (index % 2), index % 2, index, "gone"))).toEqual([]);
    }
    expect(typesOf(introductions.fallback(0, 1, 3, "full"))).toEqual([
      [0, "noroute"],
      [1, "noroute"],
    ]);
    expect(told(introductions.fallback(0, 1, 3, "full"))).toEqual([]);
  });

  test("says why the pair is not direct, and what failed since", () => {
    const { introductions, ready } = setUp({ ladder: ["direct", "relay", "redis"] });
    ready(0, 1);
    introductions.connect(0, [1]);
    introductions.fallback(0, 1, 0, "symmetric NAT");
    const [[, route]] = told(introductions.fallback(0, 1, 1, "it broke")) as [Told];
    expect(route).toMatchObject({ rung: "redis", reason: "symmetric NAT; relay: it broke" });
  });

  test("is given unasked when a relay fell silent: its pairs may not see it for long", () => {
    const pool = new RelayPool();
    for (const id of ["a", "b"]) pool.add({ id, host: "192.0.2.1", port: 7000 });
    const { introductions } = setUp({ ladder: ["relay"], relays: pool.forJob() });
    for (const rank of [0, 1, 2]) introductions.join(rank, 0);
    introductions.connect(0, [1, 2]);
    pool.remove("a");
    const messages = told(introductions.relayGone("a", "it is silent"));
    expect(messages.map(([to]) => to).sort()).toEqual([0, 1]);
    for (const [, message] of messages) expect(message).toMatchObject({ route: 2, relay: { id: "b" } });
    expect(told(introductions.fallback(0, 1, 1, "it broke"))).toEqual([]);
    expect(told(introductions.relayGone("a", "it is silent"))).toEqual([]);
  });

  test("that has failed while the pair still punches does not end the punching", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    introductions.connect(0, [1]);
    introductions.retry(0, 1, 1, "refused");
    introductions.fallback(0, 1, 1, "it broke");
    expect(typesOf(introductions.retry(1, 0, 2, "refused"))).toEqual([
      [1, "introduce"],
      [0, "introduce"],
    ]);
  });

  test("is chosen by the policy when the user leaves it to fnmesh", () => {
    const { introductions } = setUp({ ladder: ["direct", "relay"], auto: true });
    for (const rank of [0, 1]) {
      introductions.join(rank, 0);
      introductions.candidates(rank, [candidate(rank)], "address-and-port-dependent");
    }
    const reason = "neither NAT keeps one mapping for all destinations";
    expect(told(introductions.connect(0, [1]))[0]).toEqual([0, { ...relayed, peer: 1, attempt: 0, reason }]);
  });

  test("may carry the pair from the start while it punches, where a policy says so", () => {
    const { introductions, ready } = setUp({ policy: () => ["relay", "direct"] });
    ready(0, 1);
    expect(typesOf(introductions.connect(0, [1]))).toEqual([
      [0, "introduce"],
      [0, "route"],
      [1, "introduce"],
      [1, "route"],
    ]);
  });
});
