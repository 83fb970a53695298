import { driver } from "@fnmesh/stores/memcached";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memcachedKeeper } from "../../packages/stores/src/index.ts";
import { itemsOf } from "../../packages/stores/src/testing/memcached-items.ts";
import { type StoreServer, startMemcached } from "../../packages/stores/src/testing/servers.ts";
import { channelContract } from "./contract.suite.ts";

let memcached: StoreServer;
beforeAll(async () => {
  memcached = await startMemcached({ memoryMb: 256 });
});
afterAll(() => memcached.stop());

channelContract("memcached", {
  path: "memcached",
  ways: () => ({
    channel: "memcached",
    settings: { memcached: { url: memcached.url } },
    drivers: { memcached: driver },
    keepers: [memcachedKeeper({ url: memcached.url })],
  }),
});

test("no job has left anything, whatever became of it", async () => {
  expect(await itemsOf(memcached.url, "")).toEqual([]);
});
