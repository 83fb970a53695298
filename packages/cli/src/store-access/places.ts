// Where each store is, in words that hold no secret: by them what a crashed job has left is found again. Pure.

import type { StoreRung } from "@fnmesh/core/protocol";
import type { S3Settings, StoreSettings } from "@fnmesh/stores";

export type Places = Readonly<Partial<Record<StoreRung, string>>>;

/**
 * @example
 * placesOf({ redis: { url: "redis://ada:secret@cache/2" } }) // { redis: "redis://cache/2" }
 */
export function placesOf(stores: StoreSettings): Places {
  return Object.fromEntries(
    Object.entries(stores).map(([rung, settings]) => [
      rung,
      "url" in settings ? bare(settings.url) : s3(settings),
    ]),
  );
}

function bare(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href.replace(/\/$/, "");
}

const s3 = ({ endpoint, region, bucket }: S3Settings): string =>
  `${endpoint === undefined ? `aws ${region}` : bare(endpoint)} ${bucket}`;
