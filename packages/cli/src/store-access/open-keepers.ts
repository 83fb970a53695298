// The keepers of the stores that a command uses. @fnmesh/stores, with its clients, is loaded only for them.

import type { StoreKeeper } from "@fnmesh/core/internal";
import type { StoreSettings } from "@fnmesh/stores";
import type { Cleanup } from "../cleanup.ts";

type Stores = typeof import("@fnmesh/stores");

/** One for each store: both layouts of S3 have the same. */
const makers: readonly ((known: Stores, settings: StoreSettings) => StoreKeeper | undefined)[] = [
  ({ redisKeeper }, { redis }) => redis && redisKeeper(redis),
  ({ memcachedKeeper }, { memcached }) => memcached && memcachedKeeper(memcached),
  ({ s3Keeper }, stores) => {
    const s3 = stores["s3-combined"] ?? stores["s3-naive"];
    return s3 && s3Keeper(s3);
  },
];

/** Rejects with INVALID_ARGUMENT. What was opened by then is in the cleanup. */
export async function openKeepers(stores: StoreSettings, cleanup: Cleanup): Promise<readonly StoreKeeper[]> {
  if (Object.keys(stores).length === 0) return [];
  const known = await import("@fnmesh/stores");
  return makers.flatMap((make) => {
    const keeper = make(known, stores);
    if (keeper === undefined) return [];
    cleanup.add("store", () => keeper.close());
    return [keeper];
  });
}
