// Everything that was given is looked at here, before any worker is started: the job's module, its input, its output.

import type { StoreRung } from "@fnmesh/core/protocol";
import { expandInputs, fileOutput, type JobSpec, planInput } from "@fnmesh/orchestrator";
import { bundleJob } from "../bundle-job/bundle-job.ts";
import { driverModules } from "../bundle-job/driver-modules.ts";
import type { Cleanup } from "../cleanup.ts";
import type { RunOptions } from "../options/run-options.ts";

export interface PreparedJob {
  readonly spec: JobSpec;
  readonly warnings: readonly string[];
}

export interface JobPlace {
  readonly cwd: string;
  /** Stores that the job's channel may use: their drivers go along. */
  readonly stores: readonly StoreRung[];
  readonly cleanup: Cleanup;
}

/**
 * Bundles the job, expands and plans its input, and makes sure that the output can be written. Rejects with JOB_NOT_FOUND,
 * JOB_COMPILE, JOB_INVALID, INPUT_NOT_FOUND, INPUT_UNREADABLE or OUTPUT_UNWRITABLE.
 */
export async function prepareJob(options: RunOptions, place: JobPlace): Promise<PreparedJob> {
  const { cwd, stores, cleanup } = place;
  const bundled = await bundleJob(options.job, { cwd, drivers: driverModules(stores) });
  const { name, code, modules, warnings } = bundled;
  const input = await openInput(options, cwd, cleanup);
  const output = await openOutput(options, cleanup);
  const { workers, provider, nat, channel, encrypt, priceAs, memoryMb, timeoutMs, params } = options;
  const asked = { workers, provider, nat, channel, encrypt, priceAs, memoryMb, timeoutMs, params };
  const spec: JobSpec = { name, code, modules, ...asked, input, ...(output === undefined ? {} : { output }) };
  return { spec, warnings };
}

async function openInput(
  { input, workers }: RunOptions,
  cwd: string,
  cleanup: Cleanup,
): Promise<JobSpec["input"]> {
  const files = await expandInputs(input, cwd);
  const plan = await planInput({ files, workers, cwd });
  cleanup.add("input", () => plan.close());
  return plan.parts;
}

async function openOutput({ output }: RunOptions, cleanup: Cleanup): Promise<JobSpec["output"]> {
  if (output === undefined) return undefined;
  const sink = await fileOutput(output);
  // After a commit this does nothing; before one, nothing of the output stays behind.
  cleanup.add("output", () => sink.discard());
  return sink;
}
