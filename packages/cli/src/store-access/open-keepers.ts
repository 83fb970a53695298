// The keepers of the stores that a command uses. @fnmesh/stores, with its clients, is loaded only for them.

import type { StoreKeeper } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import type { StoreSettings } from "@fnmesh/stores";
import type { Cleanup } from "../cleanup.ts";

type MakeKeeper = (settings: unknown) => StoreKeeper | Promise<StoreKeeper>;

/** Both layouts of S3 are one store. */
const makers: readonly { readonly make: string; readonly rungs: readonly StoreRung[] }[] = [
  { make: "redisKeeper", rungs: ["redis"] },
  { make: "memcachedKeeper", rungs: ["memcached"] },
  { make: "s3Keeper", rungs: ["s3-naive", "s3-combined"] },
];

/** Rejects with INVALID_ARGUMENT. What was opened by then is in the cleanup. */
export async function openKeepers(stores: StoreSettings, cleanup: Cleanup): Promise<readonly StoreKeeper[]> {
  const wanted = makers.flatMap(({ make, rungs }) => {
    const settings = rungs.map((rung) => stores[rung]).find((each) => each !== undefined);
    return settings === undefined ? [] : [{ make, settings }];
  });
  if (wanted.length === 0) return [];
  const known = (await import("@fnmesh/stores")) as unknown as Readonly<
    Record<string, MakeKeeper | undefined>
  >;
  const keepers: StoreKeeper[] = [];
  for (const { make, settings } of wanted) {
    const keeper = await known[make]?.(settings);
    if (keeper === undefined) continue;
    cleanup.add("store", () => keeper.close());
    keepers.push(keeper);
  }
  return keepers;
}
