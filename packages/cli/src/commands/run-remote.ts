// A job on an orchestrator elsewhere: bundled here for what is there, its files uploaded, followed as if it were here, and
// its output brought home, whole or not at all.

import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { isStoreRung } from "@fnmesh/core/protocol";
import { expandInputs, type JobReport, ladderOf, objectPattern } from "@fnmesh/orchestrator";
import type {
  JobSubmission,
  OrchestratorClient,
  OrchestratorInfo,
  RemoteJob,
} from "@fnmesh/orchestrator/client";
import { bundleJob } from "../bundle-job/bundle-job.ts";
import { driverModules, inputModule } from "../bundle-job/driver-modules.ts";
import type { AskedOptions } from "../options/run-options.ts";
import { isObject, openOutput } from "./prepare-job.ts";
import { connectRemotely, type Offered, providerOf, type RemotePlace, sizes } from "./remote-place.ts";

export interface RemoteRun extends RemotePlace {
  readonly options: Omit<AskedOptions, "provider"> & { readonly provider: string };
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Told what is being done; throws when the run is interrupted. */
  readonly phase: (text: string) => void;
}

export interface StartedRemotely {
  readonly job: RemoteJob;
  /** Commits the output of a job that has succeeded. Rejects with OUTPUT_UNWRITABLE or ORCHESTRATOR_UNAVAILABLE. */
  finish(report: JobReport): Promise<void>;
}

/**
 * Resolves when the job is taken. Rejects as `prepareJob` and `OrchestratorClient` do: AUTH, ORCHESTRATOR_UNAVAILABLE,
 * UNKNOWN_PROVIDER, LIMIT, …
 */
export async function startRemotely(run: RemoteRun): Promise<StartedRemotely> {
  const { options, cleanup, signal, phase } = run;
  const client = connectRemotely(run);
  phase(`asking ${client.url} what it has`);
  const info = await client.info(signal);
  const provider = providerOf(options.provider, info);
  phase(`bundling ${options.job}`);
  const submission = await prepare(run, client, { info, provider });
  // Before a job costs anything: whether its output can be written.
  const output = await openOutput(options, cleanup);
  phase(`submitting to ${client.url}`);
  const job = await client.submit(submission, signal);
  return {
    job,
    async finish({ job: { status } }) {
      if (output === undefined || status !== "succeeded") return;
      const { chunks } = await job.output(signal);
      for await (const chunk of chunks) await output.write(0, chunk);
      await output.commit();
    },
  };
}

async function prepare(
  { options, cwd, log, signal, phase }: RemoteRun,
  client: OrchestratorClient,
  { info, provider }: { readonly info: OrchestratorInfo; readonly provider: Offered },
): Promise<JobSubmission> {
  const objects = options.input.filter(isObject);
  checkSources(objects, info);
  const ladder = ladderOf(options.channel, info.stores, provider.network);
  const along = {
    drivers: driverModules(ladder.filter(isStoreRung)),
    input: objects.length === 0 ? undefined : inputModule,
  };
  const { name, code, modules, warnings } = await bundleJob(options.job, { cwd, ...along });
  for (const warning of warnings) log.warn(warning);
  const files = options.input.filter((input) => !isObject(input));
  const names = files.length === 0 ? [] : await expandInputs(files, cwd);
  phase("uploading the job");
  const hashes: string[] = [];
  for (const text of modules) hashes.push(await client.upload({ text }, signal));
  const input: NonNullable<JobSubmission["input"]> = [];
  for (const [index, file] of names.entries()) {
    phase(`uploading ${file} (${index + 1} of ${names.length})`);
    input.push({ name: file, blob: await client.upload({ file: resolve(cwd, file), name: file }, signal) });
  }
  const { workers, channel, encrypt, priceAs, params } = options;
  return {
    ...{
      name,
      code: await client.upload({ text: code }, signal),
      modules: hashes,
      workers,
      channel,
      encrypt,
    },
    ...{ provider: provider.name, params: { ...params }, ...sizes(options, provider) },
    ...(priceAs === undefined ? {} : { priceAs }),
    input: [...input, ...objects.map((source) => ({ source }))],
  };
}

/** Throws INVALID_ARGUMENT for what no source has, and for sources that the orchestrator cannot read. */
function checkSources(objects: readonly string[], { sources }: Pick<OrchestratorInfo, "sources">): void {
  for (const object of objects) objectPattern(object);
  if (objects.length === 0 || sources.includes("s3")) return;
  throw new FnmeshError("INVALID_ARGUMENT", "the orchestrator reads no input in S3", {
    hint: "It needs credentials of its own: set them where `fnmesh serve` runs. Files are uploaded from here.",
  });
}
