// What a user gave as the place of an S3 store, checked before anything is sent there.

import { FnmeshError } from "@fnmesh/core";
import type { S3Settings } from "../settings.ts";

const required = ["region", "bucket", "accessKeyId", "secretAccessKey"] as const;
const optional = ["endpoint", "sessionToken"] as const;

const hints: Readonly<Record<string, string>> = {
  endpoint: "Give it as http://host:port or https://host; for AWS leave it out (FNMESH_S3_ENDPOINT).",
  region: "Set AWS_REGION; stores other than AWS mostly take us-east-1.",
  bucket: "Set FNMESH_S3_BUCKET to a bucket that exists: its name alone, without s3://.",
  accessKeyId: "Set AWS_ACCESS_KEY_ID.",
  secretAccessKey: "Set AWS_SECRET_ACCESS_KEY.",
  sessionToken: "Set AWS_SESSION_TOKEN, or leave it out where the keys are lasting ones.",
};

/** Names as AWS has them since 2018, and longer ones and capitals, which other stores still take. */
const bucketNames = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const regionNames = /^[a-z0-9-]{1,64}$/;
/** Header values: printable ASCII, no space. */
const printable = /^[\x21-\x7e]+$/;

/** Throws INVALID_ARGUMENT; its message names the field, never its value where that is secret. */
export function checkS3Settings(settings: unknown): S3Settings {
  if (typeof settings !== "object" || settings === null) throw wrong("the settings for S3 are not an object");
  const given = settings as Readonly<Record<string, unknown>>;
  for (const name of required) {
    if (given[name] === undefined || given[name] === "") throw wrong(`S3's ${name} is missing`, name);
  }
  for (const name of [...required, ...optional]) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "string" || !printable.test(value))
      throw wrong(`S3's ${name} is not a plain text`, name);
  }
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, sessionToken } =
    given as unknown as S3Settings;
  if (!regionNames.test(region)) throw wrong(`"${region}" is no region`, "region");
  if (!bucketNames.test(bucket) || bucket.includes(".."))
    throw wrong(`"${bucket}" is no bucket's name`, "bucket");
  if (endpoint !== undefined) checkEndpoint(endpoint);
  return {
    region,
    bucket,
    accessKeyId,
    secretAccessKey,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw wrong("S3's endpoint is no http or https address", "endpoint");
  }
  // It may be shown in errors.
  if (url.username !== "" || url.password !== "") {
    throw wrong("S3's endpoint holds a user or password: keys go by their own names", "endpoint");
  }
  if (url.search !== "" || url.hash !== "") throw wrong("S3's endpoint has more than a path", "endpoint");
}

const wrong = (message: string, field?: string) =>
  new FnmeshError("INVALID_ARGUMENT", message, field === undefined ? {} : { hint: hints[field]! });
