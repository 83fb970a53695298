import { prefixOf } from "../object-hub/object-name.ts";
import { hubSuite } from "../testing/hub.suite.ts";
import { itemsOf } from "../testing/memcached-items.ts";
import { startMemcached } from "../testing/servers.ts";
import { driver } from "./driver.ts";
import { memcachedKeeper } from "./keeper.ts";

hubSuite({
  rung: "memcached",
  driver,
  async start() {
    const server = await startMemcached({ memoryMb: 256 });
    const settings = { url: server.url };
    return {
      settings,
      keeper: memcachedKeeper(settings),
      leftovers: (job) => itemsOf(server.url, prefixOf(job)),
      stop: () => server.stop(),
    };
  },
});
