// A bucket as a store of objects, for the object hub.

import { FnmeshError } from "@fnmesh/core";
import type { StoreUsage } from "@fnmesh/core/internal";
import type { ObjectStore } from "../object-hub/object-store.ts";
import { removeAll } from "./remove-all.ts";
import type { S3Client } from "./s3-client.ts";

/** One PUT takes 5 GB; no frame comes near. */
const mostBytes = 1024 ** 3;

export function createS3Store(client: S3Client, usage: StoreUsage): ObjectStore {
  return {
    mostBytes,
    async put(name, parts, signal) {
      await client.request({ method: "PUT", name, body: parts, counts: "puts", usage, signal });
      usage.writtenBytes += parts.reduce((sum, { length }) => sum + length, 0);
    },
    async get({ name, offset, length }, signal, into) {
      const range = `bytes=${offset}-${offset + length - 1}`;
      const headers = { range };
      const memory = into === undefined ? {} : { into };
      const answer = await client.request({
        method: "GET",
        name,
        headers,
        ...memory,
        counts: "gets",
        usage,
        signal,
      });
      // A range that begins inside of the object and ends behind it is answered with what there is.
      if (answer.body.length !== length || (answer.status !== 206 && offset !== 0))
        throw short(name, client.where);
      usage.readBytes += length;
      if (into !== undefined && answer.body !== into) into.set(answer.body);
      return into ?? answer.body;
    },
    remove: (names, signal) => removeAll(client, names, usage, signal),
    close: async () => client.close(),
  };
}

const short = (name: string, where: string) =>
  new FnmeshError("STORE_LOST", `${where}: ${name} is not as long as it was written`);
