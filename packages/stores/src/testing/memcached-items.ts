// What a Memcached server of a test holds.

import { nodeClock, noUsage } from "@fnmesh/core/internal";
import { createMemcachedClient } from "../memcached/memcached-client.ts";
import { parseMemcachedUrl } from "../memcached/memcached-url.ts";

/** The names of all items that begin so, as the server lists them. */
export async function itemsOf(url: string, prefix: string): Promise<string[]> {
  const client = createMemcachedClient({ address: parseMemcachedUrl(url), clock: nodeClock });
  const names: string[] = [];
  const onLine = (line: string) => names.push(decodeURIComponent(/^key=(\S+)/.exec(line)![1]!));
  await client.ask({ parts: [Buffer.from("lru_crawler metadump all\r\n")], onLine }, noUsage());
  client.close();
  return names.filter((name) => name.startsWith(prefix));
}
