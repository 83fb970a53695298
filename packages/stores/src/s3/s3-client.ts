// Requests to one bucket: signed, sent again when they failed in passing, counted.

import { createHash } from "node:crypto";
import type { FnmeshError } from "@fnmesh/core";
import type { Clock, Random, StoreUsage } from "@fnmesh/core/internal";
import { AwsV4Signer } from "aws4fetch";
import { PassingFailure, retried } from "../retry.ts";
import type { S3Settings } from "../settings.ts";
import { type BucketAddress, bucketAddress } from "./address.ts";
import { brokenBy, failureOf, isGood, isSkewed } from "./answers.ts";
import { createHttpClient, type HttpAnswer, type HttpClient, type HttpRequest } from "./http.ts";
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
  /** What an answer that is not good means to this caller; undefined: what it means to all (see `failureOf`). */
  readonly explain?: (answer: HttpAnswer) => FnmeshError | undefined;
  readonly counts: "puts" | "gets" | "lists" | "deletes";
  readonly usage: StoreUsage;
  readonly signal: AbortSignal;
  /** Shortens the patience with a service that is broken or busy. */
  readonly giveUpMs?: number;
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

class BucketClient implements S3Client {
  readonly where: string;
  readonly #options: S3ClientOptions;
  readonly #address: BucketAddress;
  readonly #http: HttpClient;
  readonly #pace: Pace;
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  /** How far the service's clock is ahead of ours. */
  #skewMs = 0;

  constructor(options: S3ClientOptions) {
    const { settings, clock, mostRequests, silenceMs = usualSilenceMs } = options;
    this.#options = options;
    this.#address = bucketAddress(settings);
    this.where = this.#address.text;
    const { encrypted } = this.#address;
    this.#http = createHttpClient({ encrypted, mostSockets: mostRequests, silenceMs });
    this.#pace = new Pace(mostRequests, clock);
  }

  request(request: S3Request): Promise<HttpAnswer> {
    const { usage, signal, body = [], giveUpMs } = request;
    const { clock, random } = this.#options;
    const digest = this.#address.encrypted ? "UNSIGNED-PAYLOAD" : sha256(body);
    const limit = giveUpMs === undefined ? {} : { giveUpMs };
    return retried({ clock, random, usage, signal, ...limit }, () =>
      this.#pace.run(() => this.#attempt(request, digest)),
    );
  }

  close(): void {
    this.#http.close();
  }

  async #attempt(request: S3Request, digest: string): Promise<HttpAnswer> {
    const answer = await this.#onTime(request, digest);
    if (isGood(answer) || request.accepts?.(answer)) {
      this.#pace.well();
      return answer;
    }
    const failure = request.explain?.(answer) ?? failureOf(answer, this.where);
    if (failure instanceof PassingFailure && failure.kind === "throttled") this.#pace.slower();
    throw failure;
  }

  /** Once more when our clock was too far off: the answer says what time it is there. */
  async #onTime(request: S3Request, digest: string): Promise<HttpAnswer> {
    const answer = await this.#once(request, digest);
    const date = Date.parse(answer.headers.date ?? "");
    if (!isSkewed(answer) || Number.isNaN(date)) return answer;
    this.#skewMs = date - this.#now();
    return this.#once(request, digest);
  }

  async #once(request: S3Request, digest: string): Promise<HttpAnswer> {
    const { method, body, into, signal, counts, usage } = request;
    const { url, headers } = await this.#sign(request, digest);
    signal.throwIfAborted();
    usage[counts] += 1;
    const parts = { ...(body === undefined ? {} : { body }), ...(into === undefined ? {} : { into }) };
    const sent = this.#http.send({ method, url, headers: Object.fromEntries(headers), signal, ...parts });
    return sent.catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw brokenBy(error, this.where);
    });
  }

  #sign({ method, name, query, headers = {} }: S3Request, digest: string) {
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.#options.settings;
    return new AwsV4Signer({
      method,
      url: this.#address.url(name, query).href,
      headers: { ...headers, "x-amz-content-sha256": digest },
      service: "s3",
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      cache: this.#signingKeys,
      datetime: amzDate(this.#now() + this.#skewMs),
    }).sign();
  }

  #now(): number {
    return (this.#options.wallClock ?? Date.now)();
  }
}

export const createS3Client = (options: S3ClientOptions): S3Client => new BucketClient(options);

/** Over plain HTTP the signature covers the bytes too: nobody on the way can put others in their place. */
function sha256(body: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of body) hash.update(part);
  return hash.digest("hex");
}

/** 20260131T235959Z */
const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, "");
