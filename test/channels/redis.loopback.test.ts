import { driver } from "@fnmesh/stores/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { redisKeeper } from "../../packages/stores/src/index.ts";
import { keysOf } from "../../packages/stores/src/testing/redis-client.ts";
import { type StoreServer, startRedis } from "../../packages/stores/src/testing/servers.ts";
import { channelContract } from "./contract.suite.ts";

let redis: StoreServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

channelContract("redis", {
  path: "redis",
  ways: () => ({
    channel: "redis",
    settings: { redis: { url: redis.url } },
    drivers: { redis: driver },
    keepers: [redisKeeper({ url: redis.url })],
  }),
});

test("no job has left anything, whatever became of it", async () => {
  expect(await keysOf(redis.url, "*")).toEqual([]);
});
