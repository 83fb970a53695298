// S3 as a way between workers, in both of its layouts.

import type { Hub, StoreConnectOptions, StoreDriver } from "@fnmesh/core/internal";
import { combined, naive } from "../object-hub/layout.ts";
import { createObjectHub } from "../object-hub/object-hub.ts";
import { leaseName } from "../object-hub/object-name.ts";
import { isNotThere } from "./answers.ts";
import { checkS3Settings } from "./check-settings.ts";
import { createS3Client } from "./s3-client.ts";
import { createS3Store } from "./s3-store.ts";

/** Nothing is lost yet, and there may be another way: no long patience with a store that is not there. */
const giveUpMs = 5_000;

async function connect(options: StoreConnectOptions): Promise<Hub> {
  const { rung, job, self, notices, usage, env, signal } = options;
  const layout = rung === "s3-naive" ? naive : combined;
  const { clock, random } = env;
  const client = createS3Client({
    settings: checkS3Settings(options.settings),
    clock,
    random,
    mostRequests: layout.mostPuts + layout.mostGets,
  });
  try {
    // Shows that the service is there, takes our keys and has the bucket, at a GET's price: a listing costs twelve.
    const name = leaseName(job);
    await client.request({
      method: "GET",
      name,
      accepts: isNotThere,
      counts: "gets",
      usage,
      signal,
      giveUpMs,
    });
  } catch (error) {
    client.close();
    throw error;
  }
  const store = createS3Store(client, usage);
  return createObjectHub({ path: "s3", job, self, store, layout, notices, env });
}

export const driver: StoreDriver = { connect };
