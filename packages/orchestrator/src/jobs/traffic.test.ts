import type { PathName } from "@fnmesh/core";
import fc from "fast-check";
import { expect, test } from "vitest";
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
      const sums: Record<PathName, number> = { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 };
      for (const { rank: from, peer: to } of last.values()) {
        if (from !== to.rank) sums[to.path] += to.sentBytes;
      }
      const { direct, relay, redis, memcached, s3 } = sums;
      expect(traffic.bytes()).toEqual({ direct, relay, store: redis + memcached + s3 });
    }),
  );
});
