import type { Candidate } from "@fnmesh/core/internal";
import { encodeMessage, mostControlFrameBytes, type OrchestratorMessage } from "@fnmesh/core/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RelayPool } from "../relay/pool/relay-pool.ts";
import { defaultPolicy } from "../routing/policy.ts";
import { Introductions, type IntroductionsOptions, lastRound } from "./introductions.ts";
import type { Orders } from "./orders.ts";

const candidate = (rank: number): Candidate => ({
  type: "srflx",
  tcpType: "so",
  host: "192.0.2.1",
  port: 1000 + rank,
});

const introductionsOf = (options: Partial<IntroductionsOptions> = {}) =>
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

function setUp(options: Partial<IntroductionsOptions> = {}) {
  const introductions = introductionsOf(options);
  const ready = (...ranks: number[]) =>
    ranks.flatMap((rank) => [
      ...told(introductions.join(rank, 0)),
      ...told(introductions.candidates(rank, [candidate(rank)], "endpoint-independent")),
    ]);
  return { introductions, ready };
}

const relayed = { type: "route", route: 1, rung: "relay" } as const;

type Told = readonly [rank: number, message: OrchestratorMessage];
const told = (orders: Orders): Told[] => [...orders.messages()];

const introducedTo = (messages: readonly Told[], rank: number): number[] =>
  messages.flatMap(([to, message]) =>
    to === rank && message.type === "introduce" ? message.peers.map((peer) => peer.rank) : [],
  );

const typesOf = (orders: Orders) => told(orders).map(([to, { type }]) => [to, type]);

describe("introductions", () => {
  test("wait until both have joined and told their candidates", () => {
    const { introductions, ready } = setUp();
    ready(0);
    expect(told(introductions.connect(0, [1]))).toEqual([]);
    expect(told(introductions.join(1, 0))).toEqual([]);
    const messages = told(introductions.candidates(1, [candidate(1)], "none"));
    expect(messages).toEqual([
      [
        0,
        {
          type: "introduce",
          peers: [{ rank: 1, attempt: 0, mapping: "none", candidates: [candidate(1)], delayMs: 0, round: 0 }],
        },
      ],
      [
        1,
        {
          type: "introduce",
          peers: [
            {
              rank: 0,
              attempt: 0,
              mapping: "endpoint-independent",
              candidates: [candidate(0)],
              delayMs: 0,
              round: 0,
            },
          ],
        },
      ],
    ]);
  });

  test("come as one message for each worker, however many pairs one event makes ready", () => {
    const { introductions, ready } = setUp();
    ready(0, 1, 2, 3);
    const messages = told(introductions.connect(0, [1, 2, 3]));
    expect(messages.map(([rank]) => rank).sort()).toEqual([0, 1, 2, 3]);
    expect(introducedTo(messages, 0)).toEqual([1, 2, 3]);
  });

  test("of a pair that both sides want come once", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    expect(told(introductions.connect(0, [1]))).toHaveLength(2);
    expect(told(introductions.connect(1, [0]))).toEqual([]);
    expect(told(introductions.connect(0, [1, 0]))).toEqual([]);
  });

  test("make the nearer side wait, so that both dial at one moment", () => {
    const roundTrips = [20, 120];
    const { introductions, ready } = setUp({ roundTripMs: (rank) => roundTrips[rank] });
    ready(0, 1);
    const delays = told(introductions.connect(0, [1])).map(([rank, message]) => [
      rank,
      message.type === "introduce" && message.peers[0]!.delayMs,
    ]);
    expect(delays).toEqual([
      [0, 50],
      [1, 0],
    ]);
  });

  test("are split so that each message fits its frame", () => {
    const size = 1000;
    const { introductions } = setUp({ size });
    const many = Array.from({ length: 32 }, (_, index) => ({
      ...candidate(index),
      host: "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
    }));
    for (let rank = 0; rank < size; rank++) {
      introductions.join(rank, 0);
      introductions.candidates(rank, many, "address-and-port-dependent");
    }
    const all = Array.from({ length: size - 1 }, (_, index) => index + 1);
    const messages = told(introductions.connect(0, all));
    expect(introducedTo(messages, 0)).toEqual(all);
    const longest = messages.map(([, message]) => encodeMessage(message).length);
    expect(Math.max(...longest)).toBeLessThan(mostControlFrameBytes);
  });
});

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

describe("a worker that leaves", () => {
  test("is told to all who are here, and later to whoever asks for it", () => {
    const { introductions, ready } = setUp();
    ready(0, 1);
    expect(told(introductions.leave(1, "finished"))).toEqual([
      [0, { type: "gone", peer: 1, reason: "finished" }],
    ]);
    expect(told(introductions.leave(1, "lost"))).toEqual([]);
    ready(2);
    expect(told(introductions.connect(2, [1, 0])).map(([to, message]) => [to, message.type])).toEqual([
      [2, "introduce"],
      [2, "gone"],
      [0, "introduce"],
    ]);
    expect(told(introductions.fallback(2, 1, 0, "no path")).map(([, message]) => message.type)).toEqual([
      "gone",
    ]);
  });
});

type Step =
  | { readonly do: "join" | "candidates"; readonly rank: number }
  | { readonly do: "connect"; readonly rank: number; readonly peers: readonly number[] }
  | { readonly do: "fallback"; readonly rank: number; readonly peer: number; readonly route: number };

const size = 6;
const rank = fc.integer({ min: 0, max: size - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("join" as const, "candidates" as const), rank }),
  fc.record({ do: fc.constant("connect" as const), rank, peers: fc.array(rank, { maxLength: size }) }),
  fc.record({ do: fc.constant("fallback" as const), rank, peer: rank, route: fc.nat(3) }),
);

test("in whatever order things happen, exactly the wanted pairs of the ready are introduced, each once and to both", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ladder = ["direct", "relay", "redis", "s3-combined"] as const;
      const introductions = introductionsOf({ size, ladder, roundTripMs: () => undefined });
      const model = { joined: new Set<number>(), ready: new Set<number>(), wanted: new Set<string>() };
      const routes = new Map<string, string[]>();
      const settled: string[] = [];
      const note = (orders: Orders) => {
        for (const [to, message] of told(orders)) {
          if (message.type === "introduce")
            settled.push(...message.peers.map((peer) => `${to}>${peer.rank}`));
          if (message.type !== "route" && message.type !== "noroute") continue;
          const pair = `${to}>${message.peer}`;
          const said = message.type === "route" ? `${message.route} ${message.rung}` : "none";
          routes.set(pair, [...(routes.get(pair) ?? []), said]);
        }
      };
      for (const each of steps) {
        const here = model.joined.has(each.rank);
        if (each.do === "join" && !here) {
          model.joined.add(each.rank);
          note(introductions.join(each.rank, 0));
        } else if (each.do === "candidates" && here) {
          model.ready.add(each.rank);
          note(introductions.candidates(each.rank, [candidate(each.rank)], "none"));
        } else if (each.do === "connect" && here) {
          for (const peer of each.peers) {
            if (peer !== each.rank) model.wanted.add(`${each.rank}>${peer}`).add(`${peer}>${each.rank}`);
          }
          note(introductions.connect(each.rank, each.peers));
        } else if (each.do === "fallback" && here) {
          note(introductions.fallback(each.rank, each.peer, each.route, "no path"));
        }
      }
      expect(new Set(settled).size).toBe(settled.length);
      const bothReady = (pair: string) => pair.split(">").every((one) => model.ready.has(Number(one)));
      for (const pair of settled) {
        expect(settled).toContain(pair.split(">").reverse().join(">"));
        expect(model.wanted).toContain(pair);
        expect(bothReady(pair)).toBe(true);
      }
      for (const [pair, given] of routes) {
        expect(routes.get(pair.split(">").reverse().join(">"))).toEqual(given);
        expect(given).toEqual(["1 relay", "2 redis", "3 s3-combined", "none"].slice(0, given.length));
      }
      for (const pair of model.wanted) {
        const mayBeRelayed = steps.some(({ do: what }) => what === "fallback");
        if (bothReady(pair) && !mayBeRelayed) expect(settled).toContain(pair);
      }
    }),
  );
});

test("a full mesh costs work in proportion to its pairs", () => {
  const workers = 400;
  let looks = 0;
  const introductions = introductionsOf({
    size: workers,
    roundTripMs: () => {
      looks += 1;
      return 1;
    },
  });
  const all = Array.from({ length: workers }, (_, index) => index);
  let entries = 0;
  const count = (orders: Orders) => {
    for (const [, message] of orders.messages()) {
      if (message.type === "introduce") entries += message.peers.length;
    }
  };
  for (const one of all) count(introductions.join(one, 0));
  for (const one of all) count(introductions.connect(one, all));
  for (const one of all) count(introductions.candidates(one, [candidate(0)], "none"));
  const pairs = (workers * (workers - 1)) / 2;
  expect(entries).toBe(2 * pairs);
  // Each side once for the policy and once for the dialling.
  expect(looks).toBe(4 * pairs);
});
