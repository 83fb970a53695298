// Where a bucket's objects are. AWS has a host for each bucket; other services are asked by path, which needs no DNS.

import type { S3Settings } from "../settings.ts";

export interface BucketAddress {
  /** Whether nobody on the way can change what is sent. */
  readonly encrypted: boolean;
  /** For people: no secret in it. */
  readonly text: string;
  /** An object's URL, or the bucket's for an empty name. */
  url(name: string, query?: Readonly<Record<string, string>>): URL;
}

/** A dot in the name is not covered by the certificate of `*.s3.REGION.amazonaws.com`. */
const hasHost = (bucket: string) => !bucket.includes(".");

function baseOf({ endpoint, region, bucket }: S3Settings): URL {
  if (endpoint !== undefined) return new URL(`${endpoint.replace(/\/+$/, "")}/${bucket}/`);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return hasHost(bucket)
    ? new URL(`https://${bucket}.s3.${region}.${domain}/`)
    : new URL(`https://s3.${region}.${domain}/${bucket}/`);
}

export function bucketAddress(settings: S3Settings): BucketAddress {
  const base = baseOf(settings);
  const bucketPath = base.pathname === "/" ? "/" : base.pathname.slice(0, -1);
  return {
    encrypted: base.protocol === "https:",
    text: `bucket ${settings.bucket} at ${base.origin}`,
    url(name, query = {}) {
      const url = new URL(base);
      // Set as a path: parsed, a name that begins with a slash would be another host.
      url.pathname = name === "" ? bucketPath : base.pathname + encoded(name);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      return url;
    },
  };
}

const encoded = (name: string): string => name.split("/").map(encodeURIComponent).join("/");
