import { nodeClock, noUsage } from "@fnmesh/core/internal";
import { prefixOf } from "../object-hub/object-name.ts";
import { hubSuite } from "../testing/hub.suite.ts";
import { startMemcached } from "../testing/servers.ts";
import { driver } from "./driver.ts";
import { memcachedKeeper } from "./keeper.ts";
import { createMemcachedClient } from "./memcached-client.ts";
import { parseMemcachedUrl } from "./memcached-url.ts";

/** The names of all items that begin so, as the server lists them. */
async function itemsOf(url: string, prefix: string): Promise<string[]> {
  const client = createMemcachedClient({ address: parseMemcachedUrl(url), clock: nodeClock });
  const names: string[] = [];
  const onLine = (line: string) => names.push(decodeURIComponent(/^key=(\S+)/.exec(line)![1]!));
  await client.ask({ parts: [Buffer.from("lru_crawler metadump all\r\n")], onLine }, noUsage());
  client.close();
  return names.filter((name) => name.startsWith(prefix));
}

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
