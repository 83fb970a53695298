import { driver } from "@fnmesh/stores/memcached";
import { afterAll, beforeAll } from "vitest";
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
  }),
});
