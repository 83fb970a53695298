// From a checked request to a running job: its blobs are held while it runs, its output is kept for GET.

import type { InputPart, JobHandle, JobSpec } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";
import type { BlobLease, BlobStore } from "./blob-store.ts";
import { HttpError } from "./http-error.ts";
import type { JobRequest } from "./job-request.ts";
import { createKeptOutput, type KeptOutput } from "./kept-output.ts";
import type { Spool } from "./spool.ts";

export interface SubmissionOptions {
  readonly orchestrator: Orchestrator;
  readonly spool: Spool;
  readonly blobs: BlobStore;
  readonly nat: string;
  readonly codeBytes: number;
}

export interface Submission {
  readonly job: JobHandle;
  readonly output: KeptOutput;
}

function leaseAll(blobs: BlobStore, hashes: readonly string[]): BlobLease[] {
  const leases: BlobLease[] = [];
  for (const hash of hashes) {
    const lease = blobs.lease(hash);
    if (lease !== undefined) {
      leases.push(lease);
      continue;
    }
    for (const held of leases) held.release();
    throw new HttpError("INPUT_NOT_FOUND", `no blob ${hash} is kept`, {
      hint: `PUT /blobs/${hash} first; blobs that no job uses make room for newer ones.`,
    });
  }
  return leases;
}

async function codeText(code: BlobLease, mostBytes: number): Promise<string> {
  if (code.bytes > mostBytes) {
    throw new HttpError("JOB_INVALID", `the code has ${code.bytes} bytes, at most ${mostBytes} are allowed`, {
      hint: "Bundle the job with its modules only, and give it data as input.",
    });
  }
  return code.text().catch(() => {
    throw new HttpError("JOB_INVALID", "the code is not text in UTF-8", {
      hint: "Upload the bundled ES module.",
    });
  });
}

/** Throws INPUT_NOT_FOUND or JOB_INVALID, and what `Orchestrator.submit` throws. */
export async function submit(request: JobRequest, options: SubmissionOptions): Promise<Submission> {
  const { orchestrator, spool, blobs, nat, codeBytes } = options;
  const leases = leaseAll(blobs, [request.code, ...request.input.map(({ blob }) => blob)]);
  const release = (): void => {
    for (const lease of leases) lease.release();
  };
  const [code, ...inputs] = leases as [BlobLease, ...BlobLease[]];
  const output = createKeptOutput(spool);
  try {
    const { input: names, ...rest } = request;
    const parts = inputs.map(({ bytes, read }, index) => ({ name: names[index]!.name, bytes, read }));
    const spec: JobSpec = {
      ...rest,
      nat,
      code: await codeText(code, codeBytes),
      input: byRank(parts, request.workers),
      output: output.sink,
    };
    const job = orchestrator.submit(spec);
    void job.report.then(release);
    return { job, output };
  } catch (error) {
    release();
    await output.drop();
    throw error;
  }
}

function byRank(parts: readonly InputPart[], workers: number): InputPart[][] {
  const ranks: InputPart[][] = Array.from({ length: workers }, () => []);
  for (const [index, part] of parts.entries()) ranks[index % workers]!.push(part);
  return ranks;
}
