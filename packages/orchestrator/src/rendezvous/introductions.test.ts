import { encodeMessage, mostControlFrameBytes } from "@fnmesh/core/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Orders } from "./orders.ts";
import { candidate, introducedTo, introductionsOf, setUp, told } from "./testing/introductions.ts";

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
