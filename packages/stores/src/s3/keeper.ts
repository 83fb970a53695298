// The orchestrator's side of a bucket. A job's lease is an object beside what the job writes: whoever comes after a crash
// finds both by one listing, and sees by the lease whether the job may still be running.

import { setMaxListeners } from "node:events";
import {
  type Env,
  nodeClock,
  nodeRandom,
  noUsage,
  type StoreKeeper,
  type StoreUsage,
} from "@fnmesh/core/internal";
import { everyJob, leaseName, prefixOf } from "../object-hub/object-name.ts";
import type { S3Settings } from "../settings.ts";
import { isNotThere } from "./answers.ts";
import { checkS3Settings } from "./check-settings.ts";
import { listFolders, listNames } from "./list.ts";
import { removeAll } from "./remove-all.ts";
import { createS3Client, type S3Client } from "./s3-client.ts";

const mostRequests = 16;
/** Job ids, as everywhere: what else lies below our prefix is not ours. */
const jobIds = /^[a-z0-9]{1,64}$/;
/** Objects may still be on their way when a job is stopped by force; this often it is looked again. */
const mostRounds = 5;

interface Parts {
  readonly client: S3Client;
  readonly signal: AbortSignal;
}

/** For both layouts in this bucket. Throws INVALID_ARGUMENT. */
export function s3Keeper(
  settings: S3Settings,
  env: Pick<Env, "clock" | "random"> = { clock: nodeClock, random: nodeRandom },
): StoreKeeper {
  const client = createS3Client({ settings: checkS3Settings(settings), ...env, mostRequests });
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // Each request under way listens.
  const parts = { client, signal: ending.signal };
  return {
    rungs: ["s3-naive", "s3-combined"],
    lease: (job, until) => writeLease(parts, job, until),
    sweep: (job, usage) => sweep(parts, job, usage),
    expired: (now) => expired(parts, now),
    async close() {
      ending.abort(new Error("the keeper was closed"));
      client.close();
    },
  };
}

async function writeLease({ client, signal }: Parts, job: string, until: number): Promise<void> {
  const body = [Buffer.from(`${Math.ceil(until)}`)];
  await client.request({
    method: "PUT",
    name: leaseName(job),
    body,
    counts: "puts",
    usage: noUsage(),
    signal,
  });
}

/** The lease goes last: a sweep that is cut off is found again. */
async function sweep({ client, signal }: Parts, job: string, usage: StoreUsage): Promise<void> {
  const lease = leaseName(job);
  for (let round = 0; round < mostRounds; round += 1) {
    const names = await listNames({ client, prefix: prefixOf(job), usage, signal });
    const left = names.filter((name) => name !== lease);
    await removeAll(client, left.length > 0 ? left : names, usage, signal);
    if (left.length === 0) return;
  }
}

async function expired({ client, signal }: Parts, now: number): Promise<readonly string[]> {
  const usage = noUsage();
  const jobs = (await listFolders({ client, prefix: everyJob, usage, signal })).filter((job) =>
    jobIds.test(job),
  );
  const ends = await Promise.all(jobs.map((job) => leaseEnd({ client, signal }, job, usage)));
  return jobs.filter((_, index) => ends[index]! < now);
}

/** When nobody holds the job any more. Objects without a lease are what a sweep left that was cut off, or late ones. */
async function leaseEnd({ client, signal }: Parts, job: string, usage: StoreUsage): Promise<number> {
  const name = leaseName(job);
  const answer = await client.request({
    method: "GET",
    name,
    accepts: isNotThere,
    counts: "gets",
    usage,
    signal,
  });
  if (isNotThere(answer)) return 0;
  const end = Number(Buffer.from(answer.body).toString());
  return Number.isFinite(end) ? end : Number.POSITIVE_INFINITY; // Another version's: not ours to judge.
}
