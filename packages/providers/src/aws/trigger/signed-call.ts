// One call of an AWS service that takes JSON, signed with the keys of the environment (SigV4): for functions, which have
// those keys, and should not have to load an SDK for one question. The rules: docs.aws.amazon.com/IAM/latest/UserGuide/
// reference_sigv-create-signed-request.html.

import { createHash, createHmac } from "node:crypto";
import { type HttpAnswer, httpCall } from "../../kit/http-call.ts";

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignedCall {
  readonly url: URL;
  /** As it is called in signatures: `ssm`. */
  readonly service: string;
  readonly region: string;
  /** The operation, as `AmazonSSM.GetParameter`. */
  readonly target: string;
  readonly body: unknown;
  readonly keys: AwsKeys;
  readonly signal: AbortSignal;
}

/** Resolves with whatever the service answers. Rejects as `httpCall` does. */
export function signedCall(call: SignedCall, now = new Date()): Promise<HttpAnswer> {
  const raw = JSON.stringify(call.body);
  const headers = signedHeaders(call, raw, now);
  return httpCall({ url: call.url, method: "POST", headers, raw, signal: call.signal });
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Uint8Array, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** All but `host` and `content-length`, which Node sends by itself. Pure. */
export function signedHeaders(
  { url, service, region, target, keys }: Omit<SignedCall, "body" | "signal">,
  body: string,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replaceAll(/[:-]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const token = keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken };
  // In the order of their names, as they are signed.
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    host: url.host,
    "x-amz-date": time,
    ...token,
    "x-amz-target": target,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ["POST", url.pathname, "", lines.join(""), names, sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const parts = [day, region, service, "aws4_request"];
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const signature = hmac(key, toSign).toString("hex");
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
