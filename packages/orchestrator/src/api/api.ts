// The orchestrator's HTTP API: upload blobs, submit a job, follow it, fetch its output. docs/openapi.yaml has it all.

import { tmpdir } from "node:os";
import type { Log } from "@fnmesh/core";
import type { SourceName } from "@fnmesh/core/internal";
import type { Hono } from "hono";
import { createMetrics } from "../metrics/metrics.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { createApp } from "./app.ts";
import { checkToken, checkTransport } from "./auth.ts";
import { createBlobStore } from "./blob-store.ts";
import {
  certificateCheckMs,
  readTls,
  type TlsFiles,
  type TlsMaterial,
  validity,
  watchCertificate,
} from "./certificate.ts";
import type { ApiSources } from "./job-input.ts";
import { type ApiLimits, apiLimits } from "./limits.ts";
import { serveHttp } from "./server.ts";
import { createSpool } from "./spool.ts";
import { createSubmissions } from "./submissions.ts";

export interface ApiOptions {
  readonly orchestrator: Orchestrator;
  readonly log: Log;
  /** Default: 127.0.0.1. Any address but a loopback one demands a token, and TLS unless `insecure` is said. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
  /** At least 16 characters. Every request must show it, but /livez and /readyz. */
  readonly token?: string;
  /** HTTPS with this certificate, and with what it is renewed by: the files are looked at once a minute. */
  readonly tls?: TlsFiles & { readonly checkMs?: number };
  /** Allows an open address in the clear, on a network that is trusted. */
  readonly insecure?: boolean;
  /** Where a private directory for blobs and outputs is made. Default: the system's temporary directory. */
  readonly spool?: string;
  /** What stands between the workers of the jobs that are submitted here, for their reports. Default "none". */
  readonly nat?: string;
  readonly limits?: Partial<ApiLimits>;
  /** Where jobs may read input that is not uploaded: by source, such as `s3`. Default: nowhere. */
  readonly sources?: ApiSources;
}

export interface Api extends AsyncDisposable {
  /** `http://host:port`, or `https:` with TLS; without a slash at the end. */
  readonly url: string;
  /** /readyz answers 503 from now on and no more jobs are taken; everything else goes on. */
  drain(): void;
  /** Ends the event streams, waits shortly for requests under way, and removes the spool. May be called twice. */
  close(): Promise<void>;
}

const loopback = "127.0.0.1";

const urlOf = (scheme: "http" | "https", host: string, port: number): string =>
  `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;

interface Assembled {
  readonly app: Hono;
  /** Lets go of everything but the server. */
  release(): Promise<void>;
}

interface Phase {
  draining: boolean;
  readonly closing: AbortController;
}

async function assemble(options: ApiOptions, limits: ApiLimits, phase: Phase): Promise<Assembled> {
  const { orchestrator, log, host = loopback, token, nat = "none", spool: parent = tmpdir() } = options;
  const spool = await createSpool({ parent, mostBytes: limits.spoolBytes, log });
  const blobs = createBlobStore(spool, limits.blobBytes);
  const { codeBytes } = limits;
  const { sources = {} } = options;
  const submissions = createSubmissions({ orchestrator, spool, blobs, nat, codeBytes, sources });
  const metrics = createMetrics(orchestrator);
  const isDraining = (): boolean => phase.draining;
  const closing = phase.closing.signal;
  return {
    app: createApp({
      orchestrator,
      metrics,
      submissions,
      blobs,
      limits,
      host,
      token,
      isDraining,
      closing,
      log,
      sources: Object.keys(sources) as SourceName[],
    }),
    release: async () => {
      metrics.close();
      await submissions.close();
      await spool.close();
    },
  };
}

/**
 * Serves an orchestrator over HTTP. Close the orchestrator first: its running jobs read their input from the spool.
 * Rejects with USAGE (an open address without a token or without TLS, a certificate that is none) or PORT_IN_USE.
 *
 * @example
 * const api = await createApi({ orchestrator, log, token: process.env.FNMESH_TOKEN });
 * console.log(api.url); // http://127.0.0.1:41873
 * …
 * api.drain();
 * await orchestrator.drain();
 * await api.close();
 */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { host = loopback, port = 0, token, tls: files, insecure = false, log } = options;
  checkToken(host, token);
  checkTransport(host, { tls: files !== undefined, insecure });
  const tls = files && (await readTls(files));
  if (tls !== undefined) tellValidity(tls, log);
  const limits: ApiLimits = { ...apiLimits, ...options.limits };
  const phase: Phase = { draining: false, closing: new AbortController() };
  const { app, release } = await assemble(options, limits, phase);
  const server = await serveHttp({ app, host, port, limits, tls }).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const watch =
    files &&
    tls &&
    watchCertificate({
      ...{ files, first: tls, log, everyMs: files.checkMs ?? certificateCheckMs },
      use: server.renew,
    });

  const drain = (): void => {
    phase.draining = true;
  };
  const end = async (): Promise<void> => {
    drain();
    watch?.stop();
    phase.closing.abort();
    await server.close();
    await release();
  };
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  const url = urlOf(tls === undefined ? "http" : "https", host, server.port);
  return { url, drain, close, [Symbol.asyncDispose]: close };
}

function tellValidity(tls: TlsMaterial, log: Log): void {
  const { until, soon } = validity(tls, Date.now());
  if (soon) log.warn("the API's certificate ends within a week, or has ended", { until });
}
