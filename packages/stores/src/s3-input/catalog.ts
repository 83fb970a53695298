// The planner's side of S3 input: what a bucket has, with sizes and ETags, and small reads where lines may begin.

import { setMaxListeners } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import { nodeClock, nodeRandom, noUsage, type SourceCatalog } from "@fnmesh/core/internal";
import { listObjects } from "../s3/list.ts";
import type { S3Access } from "../settings.ts";
import { createBucketReader } from "./bucket-reader.ts";
import { explainInput } from "./input-failure.ts";
import { objectName } from "./object-name.ts";

/** As many cuts are looked up at once. */
const mostRequests = 32;

export interface S3CatalogOptions {
  readonly access: S3Access;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/**
 * @example
 * const catalog = s3Catalog({ access: { region: "eu-central-1", accessKeyId, secretAccessKey }, signal });
 * const logs = await catalog.list("my-bucket", "logs/");
 */
export function s3Catalog({ access, signal }: S3CatalogOptions): SourceCatalog {
  const usage = noUsage();
  const env = { clock: nodeClock, random: nodeRandom };
  const reader = createBucketReader({ access, env, mostRequests, usage });
  const closing = new AbortController();
  const either = AbortSignal.any([signal, closing.signal]);
  setMaxListeners(0, either); // Each request under way listens.
  return {
    source: "s3",
    usage,
    async list(bucket, prefix, most) {
      const client = reader.client(bucket);
      const explain = explainInput(objectName({ bucket, key: prefix }), client.where);
      const objects = await listObjects({ client, prefix, usage, signal: either, explain }, most);
      return objects.map(({ name, bytes, etag }) => ({ key: name, bytes, version: etag }));
    },
    read: (bucket, { key, version }, offset, length) =>
      reader.read({ bucket, key, etag: version, offset, length }, either),
    async close() {
      closing.abort(new FnmeshError("CLOSED", "the job's input is closed"));
      reader.close();
    },
  };
}
