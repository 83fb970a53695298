// A way that dies in mid-job: with another rung below it the job ends right, without one it ends with an error that
// names what died.

import { FnmeshError, type Worker } from "@fnmesh/core";
import { driver as redisDriver } from "@fnmesh/stores/redis";
import { expect, onTestFinished, test, vi } from "vitest";
import { startRedis } from "../../packages/stores/src/testing/servers.ts";
import { play } from "./play.suite.ts";

// A dead Redis is believed only after some seconds, and a busy machine adds to them.
vi.setConfig({ testTimeout: 120_000 });

const rounds = 120;

/** All with all, round after round; every message is checked. `atRound` happens in the middle of a round. */
const exchange =
  (size: number, atRound: (round: number) => void) =>
  async ({ rank, peers }: Worker): Promise<string> => {
    const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
    const bytesOf = (from: number, to: number, round: number) =>
      new Uint8Array(1 + ((from * 7919 + to * 104_729 + round * 31) % 60_000)).fill(round + from);
    for (let round = 0; round < rounds; round += 1) {
      const sends = others.map((to) => peers.send(to, bytesOf(rank, to, round), { tag: round }));
      for (const send of sends) send.catch(() => {}); // Whoever waits for a message is told the same.
      if (rank === 0) atRound(round);
      for (const from of others) {
        const { value } = await peers.receive<Uint8Array>({ from, tag: round });
        if (Buffer.compare(value, bytesOf(from, rank, round)) !== 0) throw new Error(`round ${round}`);
      }
      await Promise.all(sends);
    }
    return [...new Set(peers.connections().map(({ path }) => path))].join(" ");
  };

test("a Redis that is killed: the relay below it carries on, and no message is lost", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const { report } = await play({
    workers: 5,
    channel: "redis,relay",
    timeoutMs: 110_000,
    settings: { redis: { url: redis.url } },
    drivers: { redis: redisDriver },
    run: exchange(5, (round) => {
      if (round === 40) void redis.stop();
    }),
  });
  expect(report.error).toBeNull();
  expect(report.result).toBe("relay");
  expect(report.pairs).toMatchObject({ relay: 10, redis: 0 });
});

test("a Redis that is killed, and nothing below it: the job fails and says what failed", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const { report } = await play({
    workers: 3,
    channel: "redis",
    timeoutMs: 110_000,
    settings: { redis: { url: redis.url } },
    drivers: { redis: redisDriver },
    run: exchange(3, (round) => {
      if (round === 40) void redis.stop();
    }),
  });
  expect(report.job.status).toBe("failed");
  expect(report.error).toMatchObject({
    code: "STORE_UNAVAILABLE",
    hint: "Is it running, and may these workers connect to it?",
  });
});

test("a store that cannot be entered: the way below it is taken, or the job says why it fails", async () => {
  const drivers = {
    redis: { connect: () => Promise.reject(new FnmeshError("STORE_AUTH", "Redis refuses the password")) },
  };
  const once = async ({ rank, peers }: Worker) => {
    await peers.send(1 - rank, "hello");
    return (await peers.receive()).value;
  };
  const ways = { workers: 2, settings: { redis: {} }, drivers, run: once };
  const below = await play({ ...ways, channel: "redis,relay" });
  expect(below.report.error).toBeNull();
  expect(below.report.pairs).toMatchObject({ relay: 1, redis: 0 });
  expect(below.report.paths[0]!.reason).toContain("refuses the password");
  const alone = await play({ ...ways, channel: "redis" });
  expect(alone.report.error).toMatchObject({ code: "STORE_AUTH" });
});
