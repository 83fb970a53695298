// What only tests do with a bucket: making one, and looking what is in it.

import { nodeClock, nodeRandom, noUsage } from "@fnmesh/core/internal";
import { listNames } from "../s3/list.ts";
import { createS3Client, type S3Client } from "../s3/s3-client.ts";
import type { S3Settings } from "../settings.ts";

async function asking<T>(
  settings: S3Settings,
  ask: (client: S3Client, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const client = createS3Client({ settings, clock: nodeClock, random: nodeRandom, mostRequests: 4 });
  try {
    return await ask(client, AbortSignal.timeout(30_000));
  } finally {
    client.close();
  }
}

export const createBucket = (settings: S3Settings): Promise<void> =>
  asking(settings, async (client, signal) => {
    await client.request({ method: "PUT", name: "", counts: "puts", usage: noUsage(), signal });
  });

export const namesIn = (settings: S3Settings, prefix = ""): Promise<readonly string[]> =>
  asking(settings, (client, signal) => listNames({ client, prefix, usage: noUsage(), signal }));

export const putObject = (settings: S3Settings, name: string, text: string): Promise<void> =>
  asking(settings, async (client, signal) => {
    const body = [Buffer.from(text)];
    await client.request({ method: "PUT", name, body, counts: "puts", usage: noUsage(), signal });
  });
