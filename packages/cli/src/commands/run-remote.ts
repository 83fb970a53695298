// A job on an orchestrator elsewhere: bundled here for what is there, its files uploaded, followed as if it were here, and
// its output brought home, whole or not at all.

import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { Log } from "@fnmesh/core/internal";
import { isStoreRung } from "@fnmesh/core/protocol";
import { expandInputs, type JobReport, ladderOf, objectPattern } from "@fnmesh/orchestrator";
import {
  connectOrchestrator,
  type JobSubmission,
  type OrchestratorClient,
  type OrchestratorInfo,
  type RemoteJob,
} from "@fnmesh/orchestrator/client";
import { bundleJob } from "../bundle-job/bundle-job.ts";
import { driverModules, inputModule } from "../bundle-job/driver-modules.ts";
import type { Cleanup } from "../cleanup.ts";
import { type AskedOptions, localSizes } from "../options/run-options.ts";
import { isLocal } from "../platform/pick-platform.ts";
import { didYouMean } from "../text/suggest.ts";
import { isObject, openOutput } from "./prepare-job.ts";

export interface RemoteRun {
  readonly url: string;
  readonly token: string | undefined;
  readonly options: Omit<AskedOptions, "provider"> & { readonly provider: string };
  readonly cwd: string;
  readonly log: Log;
  readonly cleanup: Cleanup;
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
  const { url, token, options, cleanup, log, signal, phase } = run;
  const client = connectOrchestrator({ url, token, log });
  if (token !== undefined && isOpen(client.url)) {
    log.warn("the token goes over the network in the clear: use an https address, or a tunnel");
  }
  cleanup.add("connection to the orchestrator", () => client.close());
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

/** Whether others may read along. */
export function isOpen(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

type Offered = OrchestratorInfo["providers"][number];

/** Throws UNKNOWN_PROVIDER. */
export function providerOf(name: string, { providers }: Pick<OrchestratorInfo, "providers">): Offered {
  const found = providers.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = providers.map((each) => each.name);
  throw new FnmeshError("UNKNOWN_PROVIDER", `the orchestrator has no provider "${name}"`, {
    hint: didYouMean(name, known),
  });
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

/** What was asked for, else as large as the provider there says. */
export function sizes(
  { memoryMb, timeoutMs }: Pick<AskedOptions, "memoryMb" | "timeoutMs">,
  { name, limits }: Pick<Offered, "name" | "limits">,
): { readonly memoryMb: number; readonly timeoutMs: number } {
  const presets = isLocal(name)
    ? localSizes
    : { memoryMb: limits.memoryMb.preset, timeoutMs: limits.timeoutMs.preset };
  return { memoryMb: memoryMb ?? presets.memoryMb, timeoutMs: timeoutMs ?? presets.timeoutMs };
}
