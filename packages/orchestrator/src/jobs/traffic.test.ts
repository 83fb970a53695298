import type { PathName } from "@fnmesh/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PeerTraffic, Traffic } from "./traffic.ts";

const peer = (rank: number, path: PathName, sent = 1, bytes = 10, received = 0): PeerTraffic => ({
  rank,
  path,
  sentMessages: sent,
  sentBytes: bytes,
  receivedMessages: received,
  receivedBytes: 0,
});
const counts = (traffic: Traffic) => {
  const { direct, relay } = traffic.pairs();
  return [direct, relay];
};

test("a pair counts once, whichever side tells of it, by the lower rank's path", () => {
  const traffic = new Traffic(3);
  traffic.update(1, [peer(0, "relay")]);
  expect(counts(traffic)).toEqual([0, 1]);
  traffic.update(0, [peer(1, "direct")]);
  expect(counts(traffic)).toEqual([1, 0]);
  expect(traffic.bytes()).toEqual({ direct: 10, relay: 10, store: 0 });
});

test("a pair that only stands and carries nothing does not count", () => {
  const traffic = new Traffic(3);
  traffic.update(0, [peer(1, "direct", 0, 0)]);
  expect(counts(traffic)).toEqual([0, 0]);
  traffic.update(1, [peer(0, "direct", 0, 0, 1)]);
  expect(counts(traffic)).toEqual([1, 0]);
});

test("bytes count for the path that carried them, also after a pair has moved", () => {
  const traffic = new Traffic(2);
  traffic.update(0, [peer(1, "relay", 1, 30)]);
  traffic.update(0, [{ ...peer(1, "direct", 3, 100), earlier: [{ path: "relay", sentBytes: 30 }] }]);
  traffic.update(1, [{ ...peer(0, "s3", 1, 5), earlier: [{ path: "redis", sentBytes: 5 }] }]);
  expect(traffic.bytes()).toEqual({ direct: 70, relay: 30, store: 5 });
  expect(counts(traffic)).toEqual([1, 0]);
});

describe("the path of each pair", () => {
  const times = { atMs: 5000, welcomedAtMs: 1000 };

  test("is told in the order of ranks, with when it was taken since the submit, and why it is not direct", () => {
    const traffic = new Traffic(3);
    traffic.update(2, [{ ...peer(0, "relay"), sinceMs: 250.4, reason: "symmetric NAT" }], times);
    traffic.update(0, [{ ...peer(1, "direct"), sinceMs: 30 }], times);
    expect(traffic.paths()).toEqual([
      { ranks: [0, 1], path: "direct", atMs: 1030 },
      { ranks: [0, 2], path: "relay", atMs: 1250, reason: "symmetric NAT" },
    ]);
  });

  test("is the lower rank's, and a reason that only the other one has told counts for the same path", () => {
    const traffic = new Traffic(2);
    traffic.update(0, [{ ...peer(1, "relay"), sinceMs: 10 }], times);
    traffic.update(1, [{ ...peer(0, "relay"), sinceMs: 12, reason: "symmetric NAT" }], times);
    expect(traffic.paths()).toEqual([{ ranks: [0, 1], path: "relay", atMs: 1010, reason: "symmetric NAT" }]);
    traffic.update(0, [{ ...peer(1, "direct"), sinceMs: 90 }], times);
    expect(traffic.paths()).toEqual([{ ranks: [0, 1], path: "direct", atMs: 1090 }]);
  });

  test("was taken when it was first told of, where the worker does not say when", () => {
    const traffic = new Traffic(2);
    for (const atMs of [700, 900]) traffic.update(0, [peer(1, "relay")], { atMs });
    expect(traffic.paths()).toMatchObject([{ atMs: 700 }]);
    traffic.update(0, [peer(1, "direct")], { atMs: 950 });
    expect(traffic.paths()).toMatchObject([{ atMs: 950 }]);
  });

  test("is not told of a pair that carried nothing", () => {
    const traffic = new Traffic(2);
    traffic.update(0, [peer(1, "direct", 0, 0)]);
    expect(traffic.paths()).toEqual([]);
  });
});

test("ranks that are not there, and a worker itself, do not count", () => {
  const traffic = new Traffic(2);
  traffic.update(0, [peer(0, "direct"), peer(2, "direct")]);
  expect(counts(traffic)).toEqual([0, 0]);
});

test("kept up to date step by step, it is what counting all last words anew gives", () => {
  const size = 5;
  const rank = fc.integer({ min: 0, max: size - 1 });
  const update = fc.record({
    rank,
    peer: fc
      .tuple(
        rank,
        fc.constantFrom<PathName>("direct", "relay", "redis", "memcached", "s3"),
        fc.nat(2),
        fc.nat(100),
        fc.nat(1),
      )
      .map((values) => peer(...values)),
  });
  fc.assert(
    fc.property(fc.array(update), (updates) => {
      const traffic = new Traffic(size);
      for (const each of updates) traffic.update(each.rank, [each.peer]);
      const last = new Map(updates.map((each) => [`${each.rank} ${each.peer.rank}`, each]));
      const anew = new Traffic(size);
      for (const each of last.values()) anew.update(each.rank, [each.peer]);
      expect(traffic.pairs()).toEqual(anew.pairs());
      expect(traffic.bytes()).toEqual(anew.bytes());
      expect(traffic.paths()).toEqual(anew.paths());
      expect(traffic.paths()).toHaveLength(
        Object.values(traffic.pairs()).reduce((sum, count) => sum + count),
      );
      const sums: Record<PathName, number> = { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 };
      for (const { rank: from, peer: to } of last.values()) {
        if (from !== to.rank) sums[to.path] += to.sentBytes;
      }
      const { direct, relay, redis, memcached, s3 } = sums;
      expect(traffic.bytes()).toEqual({ direct, relay, store: redis + memcached + s3 });
    }),
  );
});
