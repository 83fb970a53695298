// Requests to one bucket: signed, sent again when they failed in passing, counted.

import { createHash } from "node:crypto";
import type { Clock, Random, StoreUsage } from "@fnmesh/core/internal";
import { AwsV4Signer } from "aws4fetch";
import { PassingFailure, retried } from "../retry.ts";
import type { S3Settings } from "../settings.ts";
import { bucketAddress } from "./address.ts";
import { brokenBy, failureOf, isGood, isSkewed } from "./answers.ts";
import { createHttpClient, type HttpAnswer, type HttpRequest } from "./http.ts";
import { Pace } from "./pace.ts";

export interface S3Request {
  readonly method: HttpRequest["method"];
  /** An object's name; empty: the bucket. */
  readonly name: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  readonly into?: Uint8Array;
  /** Whether an answer that is not good is one that the caller can use. */
  readonly accepts?: (answer: HttpAnswer) => boolean;
  readonly counts: "puts" | "gets" | "lists" | "deletes";
  readonly usage: StoreUsage;
  readonly signal: AbortSignal;
}

export interface S3Client {
  /** Of the bucket, for people. */
  readonly where: string;
  /** Resolves with a good answer. Rejects with STORE_… (see `failureOf`), after retries, or the signal's reason. */
  request(request: S3Request): Promise<HttpAnswer>;
  close(): void;
}

export interface S3ClientOptions {
  readonly settings: S3Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds since 1970: what signatures are dated with. */
  readonly wallClock?: () => number;
  readonly mostRequests: number;
  readonly silenceMs?: number;
}

/** A busy service may think for long; a network that swallows packets must be noticed while the job lives. */
const usualSilenceMs = 20_000;

export function createS3Client(options: S3ClientOptions): S3Client {
  const { settings, clock, random, wallClock = Date.now, mostRequests, silenceMs = usualSilenceMs } = options;
  const address = bucketAddress(settings);
  const { encrypted, text: where } = address;
  const http = createHttpClient({ encrypted, mostSockets: mostRequests, silenceMs });
  const pace = new Pace(mostRequests, clock);
  const signingKeys = new Map<string, ArrayBuffer>();
  /** How far the service's clock is ahead of ours. */
  let skewMs = 0;

  async function signed({ method, name, query, headers = {} }: S3Request, digest: string) {
    const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
    const signer = new AwsV4Signer({
      method,
      url: address.url(name, query).href,
      headers: { ...headers, "x-amz-content-sha256": digest },
      service: "s3",
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      cache: signingKeys,
      datetime: amzDate(wallClock() + skewMs),
    });
    return signer.sign();
  }

  async function once(request: S3Request, digest: string): Promise<HttpAnswer> {
    const { method, body, into, signal, counts, usage } = request;
    const { url, headers: signedHeaders } = await signed(request, digest);
    const headers = Object.fromEntries(signedHeaders);
    signal.throwIfAborted();
    usage[counts] += 1;
    const parts = { ...(body === undefined ? {} : { body }), ...(into === undefined ? {} : { into }) };
    return http.send({ method, url, headers, signal, ...parts }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw brokenBy(error, where);
    });
  }

  /** Once more when our clock was too far off: the answer says what time it is there. */
  async function onTime(request: S3Request, digest: string): Promise<HttpAnswer> {
    const answer = await once(request, digest);
    const date = Date.parse(answer.headers.date ?? "");
    if (!isSkewed(answer) || Number.isNaN(date)) return answer;
    skewMs = date - wallClock();
    return once(request, digest);
  }

  async function attempt(request: S3Request, digest: string): Promise<HttpAnswer> {
    const answer = await onTime(request, digest);
    if (isGood(answer) || request.accepts?.(answer)) {
      pace.well();
      return answer;
    }
    const failure = failureOf(answer, where);
    if (failure instanceof PassingFailure && failure.kind === "throttled") pace.slower();
    throw failure;
  }

  return {
    where,
    request(request) {
      const { usage, signal, body = [] } = request;
      const digest = encrypted ? "UNSIGNED-PAYLOAD" : sha256(body);
      return retried({ clock, random, usage, signal }, () => pace.run(() => attempt(request, digest)));
    },
    close: () => http.close(),
  };
}

/** Over plain HTTP the signature covers the bytes too: nobody on the way can put others in their place. */
function sha256(body: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of body) hash.update(part);
  return hash.digest("hex");
}

/** 20260131T235959Z */
const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, "");
