// Starts a job on an orchestrator by its HTTP API (docs/openapi.yaml): what is not there yet is uploaded, then the job is
// submitted under a key, so that the same event starts no second one.

import { createHash } from "node:crypto";
import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import { httpCall } from "../../kit/http-call.ts";

/** A job's module as `fnmesh trigger` bundles it: what every run has. */
export interface BundledJob {
  readonly name?: string;
  /** One ES module. */
  readonly code: string;
  /** Modules that it asks its runtime for. */
  readonly modules?: readonly string[];
}

/** What one run has of its own. What is left out is the orchestrator's preset. */
export interface JobWish {
  /** The one field that has none. */
  readonly workers?: number;
  readonly params?: Readonly<Record<string, string>>;
  /** Objects as `s3://bucket/key`, which the orchestrator has to be able to read; or texts that are uploaded. */
  readonly input?: readonly (string | { readonly name: string; readonly text: string })[];
  readonly provider?: string;
  readonly channel?: string;
  readonly memoryMb?: number;
  readonly timeoutMs?: number;
  readonly encrypt?: boolean;
  readonly priceAs?: string;
}

export interface OrchestratorAccess {
  /** `https://host:port` */
  readonly orchestrator: string;
  readonly token: string | undefined;
  /** As PEM: what its certificate has to be, or be signed by. Else who signed it has to be known to all. */
  readonly certificate?: string | undefined;
}

export interface Submission {
  readonly job: BundledJob;
  readonly wish: JobWish;
  /** Any text. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Resolves with the job's id. Rejects with what the orchestrator says, or ORCHESTRATOR_UNAVAILABLE. */
export async function submitJob(access: OrchestratorAccess, submission: Submission): Promise<string> {
  const { job, wish, key, signal } = submission;
  const put = (text: string) => upload(access, text, signal);
  const [code, ...modules] = await Promise.all([job.code, ...(job.modules ?? [])].map(put));
  const { input = [], ...fields } = wish;
  const items = input.map(async (each) =>
    typeof each === "string" ? { source: each } : { name: each.name, blob: await put(each.text) },
  );
  const named = job.name === undefined ? {} : { name: job.name };
  const body = { ...named, ...fields, code, modules, input: await Promise.all(items) };
  const answer = await call(access, "POST", "/jobs", {
    raw: JSON.stringify(body),
    headers: { "content-type": "application/json", "idempotency-key": sha256(key) },
    signal,
  });
  return (JSON.parse(answer.text) as { id: string }).id;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function upload(access: OrchestratorAccess, text: string, signal: AbortSignal): Promise<string> {
  const hash = sha256(text);
  const path = `/blobs/${hash}`;
  const found = await call(access, "GET", path, { signal, fine: [404] });
  if (found.status === 404) {
    const headers = { "content-type": "application/octet-stream" };
    await call(access, "PUT", path, { raw: text, headers, signal });
  }
  return hash;
}

interface ApiCall {
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses beside success that are no errors. */
  readonly fine?: readonly number[];
  readonly signal: AbortSignal;
}

async function call(
  { orchestrator, token, certificate: ca }: OrchestratorAccess,
  method: string,
  path: string,
  { headers = {}, fine = [], ...rest }: ApiCall,
) {
  const url = orchestrator.replace(/\/$/, "") + path;
  const proof = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await httpCall({ ...rest, url, method, ca, headers: { ...headers, ...proof } }).catch(
    (error: unknown) => {
      if (!(error instanceof FnmeshError) || error.code !== "PROVIDER_UNAVAILABLE") throw error;
      throw new FnmeshError("ORCHESTRATOR_UNAVAILABLE", error.message, {
        cause: error,
        hint: "Is FNMESH_ORCHESTRATOR right, and may this function reach it?",
      });
    },
  );
  if (answer.status < 300 || fine.includes(answer.status)) return answer;
  throw refusal(answer.status, answer.text);
}

function refusal(status: number, text: string): FnmeshError {
  try {
    const { error } = JSON.parse(text) as {
      error: { code: ErrorCode; message: string; hint?: string };
    };
    return new FnmeshError(error.code, error.message, error.hint === undefined ? {} : { hint: error.hint });
  } catch {
    return new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `the orchestrator answered with ${status}`, {
      hint: "What answers at FNMESH_ORCHESTRATOR is no orchestrator, or something stands in between.",
    });
  }
}
