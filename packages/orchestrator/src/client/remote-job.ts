// A job that runs on an orchestrator elsewhere, in the hands of who submitted it: the same handle as of a job here. Its
// event stream is followed to the job's end, and opened again when the network breaks it.

import { FnmeshError, type Log } from "@fnmesh/core";
import { type Clock, toFnmeshError } from "@fnmesh/core/internal";
import type { JobEvent, JobHandle, JobReport, JobSnapshot } from "../jobs/job.ts";
import { readEvents, type ServerEvent } from "./event-reader.ts";
import type { Http } from "./http.ts";

export interface RemoteJob extends JobHandle {
  /**
   * Rejects with ORCHESTRATOR_UNAVAILABLE when the orchestrator was not to be reached for `goneMs` or knows the job no
   * more, with AUTH, or with CLOSED.
   */
  readonly report: Promise<JobReport>;
  /** The output of a job that has succeeded, with its length. Rejects as `report`. */
  output(
    signal: AbortSignal,
  ): Promise<{ readonly bytes: number; readonly chunks: AsyncIterable<Uint8Array> }>;
  /** Follows it no more; the job goes on. May be called twice. */
  close(): void;
}

export interface RemoteJobOptions {
  readonly http: Http;
  readonly address: string;
  readonly id: string;
  readonly snapshot: JobSnapshot;
  readonly clock: Clock;
  /** Without a word from the orchestrator for so long, the job is given up. */
  readonly goneMs: number;
  readonly log: Log;
}

/** How long a request to end a job may take. */
const cancelMs = 10_000;
const firstWaitMs = 250;
const mostWaitMs = 2_000;

/** What another try would not change. */
const final: ReadonlySet<string> = new Set(["JOB_NOT_FOUND", "AUTH", "CLOSED", "VERSION"]);

export function followRemoteJob(options: RemoteJobOptions): RemoteJob {
  const { http, id, address } = options;
  const listeners = new Set<(event: JobEvent) => void>();
  const closing = new AbortController();
  let snapshot = options.snapshot;
  const tell = (event: JobEvent) => {
    if (event.type === "snapshot") snapshot = event.snapshot;
    for (const listener of [...listeners]) listener(event);
  };
  const report = watch(options, tell, closing.signal);
  report.catch(() => {}); // Whoever asks for the report is told.
  const path = `/jobs/${encodeURIComponent(id)}`;

  return {
    id,
    report,
    snapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async cancel() {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(cancelMs)]);
      // If it cannot be asked, the report says so: the stream cannot be opened either.
      await http.json({ method: "POST", path: `${path}/cancel`, signal }).catch(() => {});
      return await report;
    },
    async output(signal) {
      const answer = await http
        .open({ method: "GET", path: `${path}/output`, signal })
        .catch((why: unknown) => {
          throw why instanceof FnmeshError ? lost(address, id, why) : why;
        });
      const bytes = Number(answer.headers["content-length"] ?? Number.NaN);
      return { bytes, chunks: whole(answer, { bytes, address, signal }) };
    },
    close: () => closing.abort(new FnmeshError("CLOSED", "the job is followed no more")),
  };
}

/** A body that breaks off is an error, and never a short output. */
async function* whole(
  answer: AsyncIterable<Uint8Array>,
  {
    bytes,
    address,
    signal,
  }: { readonly bytes: number; readonly address: string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let read = 0;
  const cut = (cause?: unknown) =>
    new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `the output broke off after ${read} of ${bytes} bytes`, {
      cause,
      hint: `The orchestrator at ${address} keeps it for a while: GET /jobs/{id}/output.`,
    });
  try {
    for await (const chunk of answer) {
      read += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cut(cause);
  }
  if (read !== bytes) throw cut();
}

async function watch(
  { http, address, id, clock, goneMs, log }: RemoteJobOptions,
  tell: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<JobReport> {
  const path = `/jobs/${encodeURIComponent(id)}/events`;
  let heardMs = clock.now();
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(mostWaitMs, waitMs * 2)) {
    let why: unknown;
    try {
      const answer = await http.open({ method: "GET", path, signal });
      for await (const event of readEvents(answer as AsyncIterable<Uint8Array>)) {
        heardMs = clock.now();
        waitMs = firstWaitMs;
        if (event === "heartbeat") continue;
        if (event.type === "dropped") warnOfDropped(event.data, log);
        const told = jobEventOf(event);
        if (told === undefined) continue;
        tell(told);
        if (told.type === "end") return told.report;
      }
    } catch (error) {
      why = error;
    }
    signal.throwIfAborted();
    const code = why instanceof FnmeshError ? why.code : undefined;
    if (code !== undefined && final.has(code)) throw lost(address, id, why as FnmeshError);
    if (clock.now() - heardMs + waitMs > goneMs) throw gone(address, id, why);
    await pause(clock, waitMs, signal);
  }
}

function warnOfDropped(data: unknown, log: Log): void {
  const { logs } = data as { readonly logs: number };
  log.warn("log lines of the job were dropped: they came faster than they could be sent", { lines: logs });
}

const lost = (address: string, id: string, why: FnmeshError): FnmeshError =>
  why.code === "JOB_NOT_FOUND"
    ? new FnmeshError(
        "ORCHESTRATOR_UNAVAILABLE",
        `the orchestrator at ${address} knows the job ${id} no more`,
        {
          cause: why,
          hint: "It was started anew in the meantime: look into its log, and run the job again.",
        },
      )
    : why;

function gone(address: string, id: string, cause: unknown): FnmeshError {
  const why = cause === undefined ? "it ended the connection" : toFnmeshError(cause, "INTERNAL").message;
  return new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `the orchestrator was lost in mid-job: ${why}`, {
    cause,
    hint: `If only the way to it is broken, the job goes on there: GET ${address}/jobs/${id} tells.`,
  });
}

/** What a stream's event is of a job; undefined for what this release does not know. */
function jobEventOf({ type, data }: ServerEvent): JobEvent | undefined {
  switch (type) {
    case "snapshot":
    case "log":
    case "emit":
    case "end": {
      const { job: _, ...event } = data as { readonly job: string };
      return { type, ...event } as JobEvent;
    }
    default:
      return undefined;
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(ms, () => {
      signal.removeEventListener("abort", end);
      resolve();
    });
    const end = () => {
      timer.cancel();
      reject(signal.reason);
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
