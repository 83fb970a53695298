// How long an item may be, as the server says.

import { FnmeshError } from "@fnmesh/core";
import type { StoreUsage } from "@fnmesh/core/internal";
import { isError } from "./answer.ts";
import type { MemcachedClient } from "./memcached-client.ts";

/** An item's own head, with its name (250 bytes at most), counts against the limit; so does a slab's rounding. */
const overheadBytes = 512;
const defaultItemBytes = 1024 * 1024;

/** The most that fits into one item. Rejects as `ask` does, or with STORE_UNAVAILABLE. */
export async function usableItemBytes(
  client: MemcachedClient,
  usage: StoreUsage,
  shown: string,
): Promise<number> {
  let limit = defaultItemBytes; // Servers that do not tell have the default.
  const onLine = (line: string) => {
    const found = /^STAT item_size_max (\d+)$/.exec(line);
    if (found !== null) limit = Number(found[1]);
  };
  const { line } = await client.ask({ parts: [Buffer.from("stats settings\r\n")], onLine }, usage);
  if (isError(line)) {
    throw new FnmeshError("STORE_UNAVAILABLE", `Memcached at ${shown} says: ${line.slice(0, 200)}`);
  }
  return limit - overheadBytes;
}
