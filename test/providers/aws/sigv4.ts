// Checks AWS's signatures, version 4, from the published rules and not from the SDK's code: docs.aws.amazon.com/IAM/
// latest/UserGuide/reference_sigv-create-signed-request.html.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type Signed =
  | { readonly ok: true; readonly service: string; readonly region: string; readonly accessKeyId: string }
  | {
      readonly ok: false;
      readonly service: string;
      readonly why: "unsigned" | "unknown key" | "wrong" | "old";
      readonly detail: string;
    };

const algorithm = "AWS4-HMAC-SHA256";
const mostAgeMs = 5 * 60_000;

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

/** Who has signed the request, for which service; or why it is not believed. */
export function checkSignature(
  request: IncomingMessage,
  body: Uint8Array,
  known: readonly Credentials[],
): Signed {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (parts === null) return { ok: false, service: "", why: "unsigned", detail: "no signature" };
  const [, accessKeyId, day, region, service, signedHeaders, signature] = parts as unknown as string[];
  const refused = (why: "unknown key" | "wrong" | "old", detail: string): Signed => ({
    ok: false,
    service: service!,
    why,
    detail,
  });
  const credentials = known.find((each) => each.accessKeyId === accessKeyId);
  if (credentials === undefined) return refused("unknown key", "no such key");
  if (request.headers["x-amz-security-token"] !== credentials.sessionToken)
    return refused("unknown key", "another token");
  const time = String(request.headers["x-amz-date"]);
  if (!time.startsWith(day!) || Math.abs(Date.now() - timeOf(time)) > mostAgeMs) return refused("old", time);

  const names = signedHeaders!.split(";");
  const missing = ["host", "x-amz-date"].filter((name) => !names.includes(name));
  const unsigned = Object.keys(request.headers).filter(
    (name) => /^x-amz-/.test(name) && !names.includes(name),
  );
  const canonical = canonicalRequest(request, body, names);
  const scope = [day, region, service, "aws4_request"].join("/");
  const toSign = [algorithm, time, scope, sha256(canonical)].join("\n");
  const dayKey = hmac(`AWS4${credentials.secretAccessKey}`, day!);
  const key = hmac(hmac(hmac(dayKey, region!), service!), "aws4_request");
  const right = hmac(key, toSign);
  const same = timingSafeEqual(right, Buffer.from(signature!, "hex"));
  if (!same || missing.length > 0 || unsigned.length > 0) return refused("wrong", canonical);
  return { ok: true, service: service!, region: region!, accessKeyId: accessKeyId! };
}

/** `20261124T001530Z` */
const timeOf = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

function canonicalRequest(request: IncomingMessage, body: Uint8Array, names: readonly string[]): string {
  const [path, query = ""] = request.url!.split("?") as [string, string?];
  // Twice encoded, as for all services but S3: the path is so once already.
  const uri = path.split("/").map(encoded).join("/");
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const headers = names.map((name) => {
    const value = request.headers[name];
    return `${name}:${String(Array.isArray(value) ? value.join(",") : value)
      .trim()
      .replace(/ +/g, " ")}\n`;
  });
  return [
    request.method,
    uri,
    pairs.sort().join("&"),
    headers.join(""),
    names.join(";"),
    // What the request says of its body has to be so.
    sha256(body),
  ].join("\n");
}
