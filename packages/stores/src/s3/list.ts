// The names in a bucket below a prefix, page by page.

import type { StoreUsage } from "@fnmesh/core/internal";
import { textsOf } from "./answers.ts";
import type { S3Client, S3Request } from "./s3-client.ts";

export interface ListOptions {
  readonly client: S3Client;
  readonly prefix: string;
  readonly usage: StoreUsage;
  readonly signal: AbortSignal;
  readonly explain?: S3Request["explain"];
}

export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
  /** In its quotes; empty where the service has none. */
  readonly etag: string;
}

/** All names that begin so. */
export async function listNames(options: ListOptions): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of pagesOf(options, {})) names.push(...textsOf(page, "Key"));
  return names;
}

/** The same with what a listing says of each; of the first pages, until there are `most` of them. */
export async function listObjects(
  options: ListOptions,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const page of pagesOf(options, {})) {
    for (const [, inside] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const [name] = textsOf(inside!, "Key");
      const [size] = textsOf(inside!, "Size");
      const [etag = ""] = textsOf(inside!, "ETag");
      if (name === undefined || size === undefined) continue; // No object's entry.
      objects.push({ name, bytes: Number(size), etag: quoted(etag) });
    }
    if (objects.length >= most) break;
  }
  return objects;
}

/** Some services leave out the quotes that belong to it. */
const quoted = (etag: string): string => (etag === "" ? "" : `"${etag.replaceAll('"', "")}"`);

/** What follows the prefix up to the next slash, each once. */
export async function listFolders(options: ListOptions): Promise<readonly string[]> {
  const folders: string[] = [];
  for await (const page of pagesOf(options, { delimiter: "/" })) {
    const found = [...page.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].flatMap(([, inside]) =>
      textsOf(inside!, "Prefix"),
    );
    folders.push(...found.map((prefix) => prefix.slice(options.prefix.length, -1)));
  }
  return folders;
}

async function* pagesOf(
  { client, prefix, usage, signal, explain }: ListOptions,
  more: Readonly<Record<string, string>>,
): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const at = token === undefined ? {} : { "continuation-token": token };
    const query = { "list-type": "2", prefix, ...more, ...at };
    const answer = await client.request({
      ...{ method: "GET", name: "", query, counts: "lists", usage, signal },
      ...(explain === undefined ? {} : { explain }),
    });
    const page = Buffer.from(answer.body).toString();
    yield page;
    token =
      textsOf(page, "IsTruncated")[0] === "true" ? textsOf(page, "NextContinuationToken")[0] : undefined;
  } while (token !== undefined);
}
