// The ways that a job's pairs may take, in the order of preference: from what the user asked for. Pure.

import { FnmeshError } from "@fnmesh/core";
import type { ProviderNetwork } from "@fnmesh/core/internal";
import { isStoreRung, parseChannel, type Rung, type StoreRung } from "@fnmesh/core/protocol";

/** How each store is set; for the hint when it is not. */
const howToSet: Readonly<Record<StoreRung, string>> = {
  redis: "FNMESH_REDIS_URL",
  memcached: "FNMESH_MEMCACHED_URL",
  "s3-naive": "FNMESH_S3_BUCKET (and FNMESH_S3_ENDPOINT, unless it is AWS)",
  "s3-combined": "FNMESH_S3_BUCKET (and FNMESH_S3_ENDPOINT, unless it is AWS)",
};

/**
 * The ladder of a channel. `auto` is direct, relay, and the stores that are set up; without direct on a platform
 * whose network cannot be punched.
 * Throws UNKNOWN_CHANNEL, or INVALID_ARGUMENT for a store that is not set up.
 *
 * @example
 * ladderOf("direct,s3-combined", ["s3-naive", "s3-combined"]) // ["direct", "s3-combined"]
 */
export function ladderOf(
  channel: string,
  stores: readonly StoreRung[],
  { punching }: Pick<ProviderNetwork, "punching"> = { punching: "unknown" },
): readonly Rung[] {
  const asked = parseChannel(channel);
  if (asked === "auto") {
    // Where nothing gets through, no pair waits until it knows.
    const direct: Rung[] = punching === "fails" ? [] : ["direct"];
    // One layout of S3 is enough to fall back to: the one that asks for less.
    return [...direct, "relay", ...stores.filter((store) => store !== "s3-naive")];
  }
  for (const rung of asked) {
    if (!isStoreRung(rung) || stores.includes(rung)) continue;
    throw new FnmeshError("INVALID_ARGUMENT", `the channel ${rung} has no store to use`, {
      hint: `Set ${howToSet[rung]}, or \`stores\` in fnmesh.config.ts.`,
    });
  }
  return asked;
}
