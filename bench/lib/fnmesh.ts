// Runs jobs through the real thing: an orchestrator in this process, workers that the local provider starts from the
// bundle that a cloud would run.

import { readFile } from "node:fs/promises";
import { nodeClock, nodeEnv } from "@fnmesh/core/internal";
import {
  createOrchestrator,
  type JobHandle,
  type JobReport,
  type JobSpec,
  type Orchestrator,
  type OrchestratorOptions,
} from "@fnmesh/orchestrator";
import { type LocalProviderOptions, localProvider } from "@fnmesh/providers/local";
import type { LineModel } from "../shaping/inbound-line.ts";
import { lineVariable } from "../shaping/late-net.ts";
import { dilatedClock, dilationVariable } from "./dilated-clock.ts";

export interface JobRequest {
  /** The bundled job's file. */
  readonly bundle: string;
  readonly workers: number;
  readonly encrypt: boolean;
  readonly params?: Readonly<Record<string, string>>;
  readonly nat?: string;
  /** Default: direct, so that nothing else is measured by mistake. */
  readonly channel?: JobSpec["channel"];
  readonly memoryMb?: number;
  readonly output?: JobSpec["output"];
  /** Default: none. */
  readonly input?: JobSpec["input"];
}

export interface Fnmesh {
  readonly orchestrator: Orchestrator;
  submit(request: JobRequest): Promise<JobHandle>;
  close(): Promise<void>;
}

/** Time in slow motion. `entry` is the bundle of workers/entry.ts; `line` is what peers' bytes come over, as it really is. */
export interface Slow {
  readonly dilation: number;
  readonly entry: string;
  readonly line?: LineModel;
}

/** The most that a worker may run; what bounds a run is the scenario's own end. */
const timeoutMs = 15 * 60 * 1000;
const presetMemoryMb = 512;

export async function startFnmesh(options: {
  readonly host?: string;
  readonly place?: LocalProviderOptions["place"];
  readonly stores?: OrchestratorOptions["stores"];
  readonly relayToken?: string;
  /** How many containers wait for the next job. Default: none, each worker is a new process. */
  readonly warm?: number;
  /** Slows the clock of orchestrator and workers down. */
  readonly slow?: Slow;
}): Promise<Fnmesh> {
  const { place, stores, relayToken, warm = 0, slow } = options;
  const provider = localProvider({
    ...placement(place, slow),
    warm: { most: warm, idleMs: timeoutMs },
    onStderr: (rank, line) => console.error(`[${rank}] ${line}`),
  });
  const orchestrator = await createOrchestrator({
    env: slow === undefined ? nodeEnv() : { ...nodeEnv(), clock: dilatedClock(nodeClock, slow.dilation) },
    providers: [provider],
    ...(stores === undefined ? {} : { stores }),
    ...(relayToken === undefined ? {} : { relayToken }),
    ...(options.host === undefined ? {} : { listen: { host: options.host } }),
  });
  return {
    orchestrator,
    submit: async (request) => orchestrator.submit(await jobSpec(request)),
    async close() {
      await orchestrator.close();
      await provider.close();
    },
  };
}

function placement(
  place: LocalProviderOptions["place"],
  slow: Slow | undefined,
): Pick<LocalProviderOptions, "place" | "entry"> {
  if (slow === undefined) return place === undefined ? {} : { place };
  const { dilation, entry, line } = slow;
  const told = [`${dilationVariable}=${dilation}`];
  if (line !== undefined) told.push(`${lineVariable}=${line.bytesPerSecond},${line.latencyMs}`);
  return { entry, place: (rank) => [...(place?.(rank) ?? []), "env", ...told] };
}

async function jobSpec(request: JobRequest): Promise<JobSpec> {
  return {
    name: "bench",
    code: await readFile(request.bundle, "utf8"),
    workers: request.workers,
    provider: "local",
    nat: request.nat ?? "none",
    channel: request.channel ?? "direct",
    encrypt: request.encrypt,
    memoryMb: request.memoryMb ?? presetMemoryMb,
    timeoutMs,
    params: request.params ?? {},
    input: request.input ?? Array.from({ length: request.workers }, () => []),
    ...(request.output === undefined ? {} : { output: request.output }),
  };
}

/** Rejects unless the job ended well. */
export async function succeeded(job: JobHandle): Promise<JobReport> {
  const report = await job.report;
  if (report.job.status === "succeeded") return report;
  const { code = "", message = "" } = report.error ?? {};
  throw new Error(`the measured job ${report.job.status}: ${code} ${message}`);
}

/** Rejects when the job ends other than well; never resolves. For races with what the job is to do. */
export function failureOf(job: JobHandle): Promise<never> {
  const failed = succeeded(job).then(() => new Promise<never>(() => {}));
  // Whoever waits for the job also races with this; when nobody does any more, its end is no news.
  failed.catch(() => {});
  return failed;
}
