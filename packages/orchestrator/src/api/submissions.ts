// From a checked request to a running job: its blobs are held while it runs, its output is kept for who asks.

import type { JobHandle, JobSpec } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";
import type { BlobLease, BlobStore } from "./blob-store.ts";
import { HttpError } from "./http-error.ts";
import { type ApiSources, openSource, planBlobs } from "./job-input.ts";
import type { JobRequest } from "./job-request.ts";
import { createKeptOutput, type KeptOutput } from "./kept-output.ts";
import type { Spool } from "./spool.ts";

export interface SubmissionOptions {
  readonly orchestrator: Orchestrator;
  readonly spool: Spool;
  readonly blobs: BlobStore;
  readonly nat: string;
  readonly codeBytes: number;
  /** Where input may be read that was not uploaded. */
  readonly sources?: ApiSources;
}

export interface Submissions {
  /** Throws INPUT_NOT_FOUND or JOB_INVALID, and what `Orchestrator.submit` throws. */
  submit(request: JobRequest): Promise<JobHandle>;
  /** Of a job that was submitted here. */
  outputOf(id: string): KeptOutput | undefined;
  /** Lets go of all input and output; jobs that still need theirs fail. May be called twice. */
  close(): Promise<void>;
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

/** What a job holds while it runs. Let go once, or more often. */
interface Holding {
  readonly held: (() => unknown)[];
  release(): Promise<void>;
}

function createHolding(onRelease: (holding: Holding) => void): Holding {
  const holding: Holding = {
    held: [],
    release: async () => {
      onRelease(holding);
      await Promise.all(holding.held.map((letGo) => letGo()));
    },
  };
  return holding;
}

export function createSubmissions(options: SubmissionOptions): Submissions {
  const { orchestrator, spool, blobs, nat, codeBytes, sources = {} } = options;
  const closing = new AbortController();
  const outputs = new Map<string, KeptOutput>();
  const holdings = new Set<Holding>();

  /** Of jobs that the orchestrator has forgotten nobody can ask the output. */
  const dropForgotten = async (): Promise<void> => {
    for (const [id, output] of outputs) {
      if (orchestrator.job(id) !== undefined) continue;
      outputs.delete(id);
      await output.drop();
    }
  };

  const specOf = async (request: JobRequest, held: (() => unknown)[]): Promise<Omit<JobSpec, "output">> => {
    const { input: items, modules: moduleHashes, ...fields } = request;
    const uploads = items.filter((item) => "blob" in item);
    const patterns = items.flatMap((item) => ("source" in item ? [item.source] : []));
    const codeHashes = [request.code, ...moduleHashes];
    const leases = leaseAll(blobs, [...codeHashes, ...uploads.map(({ blob }) => blob)]);
    held.push(...leases.map(({ release }) => release));
    const codeLeases = leases.splice(0, codeHashes.length);
    const [code, ...modules] = await Promise.all(codeLeases.map((lease) => codeText(lease, codeBytes)));
    const files = leases.map(({ path, bytes }, index) => ({ name: uploads[index]!.name, path, bytes }));
    const { texts, close, ...source } = await openSource(patterns, sources, closing.signal);
    held.push(close);
    const input = await planBlobs(files, texts, request.workers);
    held.push(input.close);
    return { ...fields, ...source, nat, code: code!, modules, input: input.parts };
  };

  const submit = async (request: JobRequest): Promise<JobHandle> => {
    await dropForgotten();
    const output = await createKeptOutput(spool);
    const holding = createHolding((each) => holdings.delete(each));
    holdings.add(holding);
    try {
      const spec = await specOf(request, holding.held);
      const job = orchestrator.submit({ ...spec, output: output.sink });
      outputs.set(job.id, output);
      void job.report.then(holding.release);
      return job;
    } catch (error) {
      await Promise.all([holding.release(), output.drop()]);
      throw error;
    }
  };

  return {
    submit,
    outputOf: (id) => outputs.get(id),
    close: async () => {
      closing.abort();
      await Promise.all([...holdings].map((holding) => holding.release()));
      await Promise.all([...outputs.values()].map((output) => output.drop()));
    },
  };
}
