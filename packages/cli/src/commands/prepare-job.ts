// Everything that was given is looked at here, before any worker is started: the job's module, its input, its output.

import { sourceOf } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import {
  expandInputs,
  expandObjects,
  fileOutput,
  type InputPart,
  type JobSpec,
  objectPattern,
  planInput,
} from "@fnmesh/orchestrator";
import type { S3Access } from "@fnmesh/stores";
import { bundleJob } from "../bundle-job/bundle-job.ts";
import { driverModules, inputModule } from "../bundle-job/driver-modules.ts";
import type { Cleanup } from "../cleanup.ts";
import type { RunOptions } from "../options/run-options.ts";

export interface PreparedJob {
  readonly warnings: readonly string[];
  /**
   * The job as it is submitted. Lists and plans the input that is in S3, which takes the place that the job runs in.
   * Rejects with INPUT_NOT_FOUND, INPUT_UNREADABLE, STORE_AUTH, STORE_UNAVAILABLE, or the signal's reason.
   */
  spec(s3: S3Access | undefined, signal: AbortSignal): Promise<JobSpec>;
}

export interface JobPlace {
  readonly cwd: string;
  /** Stores that the job's channel may use: their drivers go along. */
  readonly stores: readonly StoreRung[];
  readonly cleanup: Cleanup;
}

type PlannedInput = Pick<JobSpec, "input" | "sources" | "inputUsage">;

/** Whether an input is named in a source, and not a file or a pattern of files. */
export const isObject = (input: string): boolean => sourceOf(input) !== undefined;

/**
 * Bundles the job, expands its input and plans what of it are files, and makes sure that the output can be written.
 * Rejects with JOB_NOT_FOUND, JOB_COMPILE, JOB_INVALID, INPUT_NOT_FOUND, INPUT_UNREADABLE, INVALID_ARGUMENT or
 * OUTPUT_UNWRITABLE.
 */
export async function prepareJob(options: RunOptions, place: JobPlace): Promise<PreparedJob> {
  const { cwd, stores, cleanup } = place;
  const objects = options.input.filter(isObject);
  for (const pattern of objects) objectPattern(pattern); // What cannot be read is told before anything slow.
  const along = { drivers: driverModules(stores), input: objects.length === 0 ? undefined : inputModule };
  const { name, code, modules, warnings } = await bundleJob(options.job, { cwd, ...along });
  const input = await openInput(options, objects, place);
  const local = objects.length === 0 ? await input.plan([]) : undefined;
  const output = await openOutput(options, cleanup);
  const { workers, provider, nat, channel, encrypt, priceAs, memoryMb, timeoutMs, params } = options;
  const asked = { workers, provider, nat, channel, encrypt, priceAs, memoryMb, timeoutMs, params };
  const whole = { name, code, modules, ...asked, ...(output === undefined ? {} : { output }) };
  return {
    warnings,
    spec: async (s3, signal) => ({ ...whole, ...(local ?? (await input.planObjects(s3, signal))) }),
  };
}

interface Input {
  /** With these texts after the files. */
  plan(texts: readonly InputPart[]): Promise<PlannedInput>;
  planObjects(s3: S3Access | undefined, signal: AbortSignal): Promise<PlannedInput>;
}

async function openInput(
  options: RunOptions,
  objects: readonly string[],
  { cwd, cleanup }: JobPlace,
): Promise<Input> {
  const files = await expandInputs(
    options.input.filter((input) => !isObject(input)),
    cwd,
  );
  // In the cleanup before the orchestrator is, so closed after it: until then workers may ask for more.
  const open: { close(): Promise<void> }[] = [];
  cleanup.add("input", async () => {
    for (const each of open) await each.close();
  });
  const plan = async (texts: readonly InputPart[]): Promise<PlannedInput> => {
    const planned = await planInput({ files, texts, workers: options.workers, cwd });
    open.push(planned);
    return { input: planned.parts };
  };
  const planObjects = async (s3: S3Access | undefined, signal: AbortSignal): Promise<PlannedInput> => {
    if (s3 === undefined) throw new Error("input in S3, and no settings for it");
    const { s3Catalog } = await import("@fnmesh/stores");
    const catalog = s3Catalog({ access: s3, signal });
    open.push(catalog);
    const texts = await expandObjects(objects, catalog);
    return { ...(await plan(texts)), sources: { s3 }, inputUsage: catalog.usage };
  };
  return { plan, planObjects };
}

/** Rejects with OUTPUT_UNWRITABLE. Undefined: nobody asked for one. */
export async function openOutput(
  { output }: Pick<RunOptions, "output">,
  cleanup: Cleanup,
): Promise<JobSpec["output"]> {
  if (output === undefined) return undefined;
  const sink = await fileOutput(output);
  // After a commit this does nothing; before one, nothing of the output stays behind.
  cleanup.add("output", () => sink.discard());
  return sink;
}
