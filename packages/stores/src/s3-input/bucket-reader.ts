// Ranges of objects in any bucket of one service. An object has to be the one that was listed: If-Match makes the service
// itself look, at the same moment as it reads.

import type { Clock, Random, StoreUsage } from "@fnmesh/core/internal";
import { checkS3Settings } from "../s3/check-settings.ts";
import { createS3Client, type S3Client } from "../s3/s3-client.ts";
import type { S3Access } from "../settings.ts";
import { explainInput, isPathStep, objectChanged, unspeakable } from "./input-failure.ts";
import { type ObjectPlace, objectName } from "./object-name.ts";

export interface BucketReaderOptions {
  readonly access: S3Access;
  readonly env: { readonly clock: Clock; readonly random: Random };
  /** At once, in each bucket. */
  readonly mostRequests: number;
  readonly usage: StoreUsage;
}

export interface ObjectRange extends ObjectPlace {
  /** As it was listed; empty: whatever is there. */
  readonly etag: string;
  readonly offset: number;
  /** 1 at least. */
  readonly length: number;
}

export interface BucketReader {
  /** Throws INVALID_ARGUMENT. */
  client(bucket: string): S3Client;
  /** Exactly `length` bytes. Rejects with INPUT_NOT_FOUND, INPUT_UNREADABLE, STORE_AUTH or STORE_UNAVAILABLE. */
  read(range: ObjectRange, signal: AbortSignal): Promise<Uint8Array>;
  /** May be called twice. */
  close(): void;
}

export function createBucketReader({ access, env, mostRequests, usage }: BucketReaderOptions): BucketReader {
  const clients = new Map<string, S3Client>();
  const client = (bucket: string): S3Client => {
    const known = clients.get(bucket);
    if (known !== undefined) return known;
    const made = createS3Client({
      settings: checkS3Settings({ ...access, bucket }),
      clock: env.clock,
      random: env.random,
      mostRequests,
    });
    clients.set(bucket, made);
    return made;
  };
  return {
    client,
    async read(range, signal) {
      const { bucket, key, etag, offset, length } = range;
      const name = objectName(range);
      if (key.split("/").some(isPathStep)) throw unspeakable(name);
      const from = client(bucket);
      const { status, body } = await from.request({
        method: "GET",
        name: key,
        headers: {
          range: `bytes=${offset}-${offset + length - 1}`,
          ...(etag === "" ? {} : { "if-match": etag }),
        },
        explain: explainInput(name, from.where),
        counts: "gets",
        ...{ usage, signal },
      });
      // A service that takes no notice of the range answers 200 with the whole of it.
      if (body.length !== length || (status !== 206 && offset !== 0)) throw objectChanged(name);
      usage.readBytes += length;
      return body;
    },
    close() {
      for (const each of clients.values()) each.close();
    },
  };
}
