// Removes objects by the thousand where the service can do that, and one by one where it cannot.

import { createHash } from "node:crypto";
import type { StoreUsage } from "@fnmesh/core/internal";
import { isNotThere, textsOf } from "./answers.ts";
import type { HttpAnswer } from "./http.ts";
import type { S3Client } from "./s3-client.ts";

/** S3's own limit for one request. */
const mostNames = 1_000;
const mostAtOnce = 16;

export async function removeAll(
  client: S3Client,
  names: readonly string[],
  usage: StoreUsage,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < names.length; at += mostNames) {
    const left = await removeTogether(client, names.slice(at, at + mostNames), usage, signal);
    await removeEach(client, left, usage, signal);
  }
}

/** Resolves with those that are still there. */
async function removeTogether(
  client: S3Client,
  names: readonly string[],
  usage: StoreUsage,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (names.length === 1) return names;
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${names
      .map((name) => `<Object><Key>${escaped(name)}</Key></Object>`)
      .join("")}</Delete>`,
  );
  // The one request that every service demands a checksum for.
  const headers = {
    "content-md5": createHash("md5").update(body).digest("base64"),
    "content-type": "application/xml",
  };
  const answer = await client.request({
    method: "POST",
    name: "",
    query: { delete: "" },
    headers,
    body: [body],
    accepts: cannotDoThat,
    counts: "deletes",
    usage,
    signal,
  });
  return cannotDoThat(answer) ? names : textsOf(Buffer.from(answer.body).toString(), "Key");
}

async function removeEach(
  client: S3Client,
  names: readonly string[],
  usage: StoreUsage,
  signal: AbortSignal,
): Promise<void> {
  const queue = [...names];
  const work = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      await removeOne(client, name, usage, signal);
    }
  };
  await Promise.all(Array.from({ length: Math.min(mostAtOnce, names.length) }, work));
}

async function removeOne(
  client: S3Client,
  name: string,
  usage: StoreUsage,
  signal: AbortSignal,
): Promise<void> {
  await client.request({ method: "DELETE", name, accepts: isNotThere, counts: "deletes", usage, signal });
}

/** Not every service has removals of many objects, nor takes them in this form. */
const cannotDoThat = ({ status }: HttpAnswer): boolean => status === 501 || status === 405 || status === 400;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
