// An orchestrator elsewhere, as who runs jobs on it holds it: what it offers, uploads, jobs.

import { FnmeshError } from "@fnmesh/core";
import { type Clock, type Log, nodeClock, silentLog } from "@fnmesh/core/internal";
import type { OrchestratorInfo } from "../api/info.ts";
import type { JobSubmission } from "../api/job-request.ts";
import type { JobSnapshot } from "../jobs/job.ts";
import { bodyOf, createHttp } from "./http.ts";
import { followRemoteJob, type RemoteJob } from "./remote-job.ts";
import { type Upload, upload } from "./uploads.ts";

export type { Upload } from "./uploads.ts";

export interface ClientOptions {
  /** Of its HTTP API: `https://host[:port][/path]`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** A job whose orchestrator says nothing for so long is given up. Default 15 s. */
  readonly goneMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface OrchestratorClient {
  readonly url: string;
  /** Rejects with ORCHESTRATOR_UNAVAILABLE or AUTH, as all here may. */
  info(signal: AbortSignal): Promise<OrchestratorInfo>;
  /** Resolves with the blob's hash. Rejects with INPUT_UNREADABLE or LIMIT, too. */
  upload(content: Upload, signal: AbortSignal): Promise<string>;
  /** Rejects as `Orchestrator.submit` throws, too. A job that was taken is returned although `signal` is aborted. */
  submit(job: JobSubmission, signal: AbortSignal): Promise<RemoteJob>;
  /** Ends what is under way; jobs go on. May be called twice. */
  close(): void;
}

const presetGoneMs = 15_000;
/** The orchestrator may have to list a large bucket first. */
const submitIdleMs = 600_000;
/** Whoever interrupts a submission waits so long for the job's id, so that the job can be ended. */
const lingerMs = 5_000;

/**
 * Asks nothing yet. Throws INVALID_ARGUMENT for what is no address.
 *
 * @example
 * const client = connectOrchestrator({ url: "https://fnmesh.example", token: process.env.FNMESH_TOKEN });
 * const code = await client.upload({ text: bundle }, signal);
 * const job = await client.submit({ code, workers: 16, provider: "aws" }, signal);
 * console.log((await job.report).result);
 * client.close();
 */
export function connectOrchestrator(options: ClientOptions): OrchestratorClient {
  const { token, goneMs = presetGoneMs, clock = nodeClock, log = silentLog } = options;
  const url = addressOf(options.url);
  const http = createHttp(url, token);
  const jobs = new Set<RemoteJob>();
  const info = (signal: AbortSignal) => http.json<OrchestratorInfo>({ method: "GET", path: "/info", signal });
  let mostBytes: number | undefined;

  return {
    url,
    info,
    async upload(content, signal) {
      mostBytes ??= (await info(signal)).limits.blobBytes;
      return await upload(http, content, { mostBytes, signal });
    },
    async submit(job, signal) {
      signal.throwIfAborted();
      const patience = lingering(signal);
      try {
        const taken = await http.json<{ readonly id: string; readonly job: JobSnapshot }>({
          ...{ method: "POST", path: "/jobs", idleMs: submitIdleMs, signal: patience.signal },
          ...{ body: bodyOf(JSON.stringify(job)), contentType: "application/json" },
        });
        const { id, job: snapshot } = taken;
        const remote = followRemoteJob({ http, address: url, id, snapshot, clock, goneMs, log });
        jobs.add(remote);
        return remote;
      } finally {
        patience.end();
      }
    },
    close() {
      for (const job of jobs) job.close();
      http.close();
    },
  };
}

/** Aborted some time after the signal is, for the same reason. */
function lingering(signal: AbortSignal): { readonly signal: AbortSignal; end(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => late.abort(signal.reason), lingerMs);
  };
  signal.addEventListener("abort", begin, { once: true });
  return {
    signal: late.signal,
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", begin);
    },
  };
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/$/, "");
  throw new FnmeshError("INVALID_ARGUMENT", "the orchestrator's address is no http(s) address", {
    hint: "Such as https://fnmesh.example or http://127.0.0.1:7421, without credentials in it.",
  });
}
