// What the reduce-by-key scenario measures, and how it becomes rows and ratios. Pure.

import type { Rung } from "@fnmesh/core/protocol";
import type { WorkerTold } from "../jobs/reduce-by-key.ts";
import { joinDigests, wrongWith } from "../records/tally.ts";
import { type Phase, percentiles, phases } from "./mesh-figures.ts";
import type { Outcome, Percentiles, Row } from "./scenario.ts";
import { median, rounded } from "./statistics.ts";

/** Where a job's time went, in milliseconds. One after the other, so they add up to the whole. */
export interface Splits {
  /** From the submission until all workers have joined. */
  readonly launchMs: number;
  /** Until the last worker is connected to all others. */
  readonly connectMs: number;
  /** While any worker that the others wait for still makes records, or reduces them: all rounds together. */
  readonly computeMs: number;
  /** From the moment at which the last worker begins to send until the last one has all, all rounds together. */
  readonly communicateMs: number;
  /** From the last worker's result until nothing of the job is left. */
  readonly endMs: number;
}

/** One job that was measured. */
export interface Sample {
  readonly channel: Rung;
  readonly repetition: number;
  readonly seed: number;
  /** As they passed here; times that are reported are divided by the dilation. */
  readonly splits: Splits;
  /** Bytes of records that went from one worker to another, in all rounds. */
  readonly sentBytes: number;
  /** Of the result: the same over every channel. */
  readonly digest: number;
  /** Pairs by path, as the report has them. */
  readonly pairs: Readonly<Record<string, number>>;
  /** Of the pairs' connecting, in the dilated time of the workers' clocks. */
  readonly connecting: Connecting;
  readonly processors: Processors;
  /** US dollars, for the modelled durations. */
  readonly cost?: number;
  readonly costLines?: readonly {
    readonly item: string;
    readonly quantity: number;
    readonly amount: number;
  }[];
  /** What passed the service's front, if there is one. */
  readonly front?: Readonly<Record<string, number>>;
}

export interface Connecting {
  /** Pairs that needed more than one round of dialling. */
  readonly again: number;
  readonly phases: Readonly<Record<Phase, Percentiles>>;
}

/** Real milliseconds of processor time in a job, and the share of all processors that was used meanwhile. */
export interface Processors {
  readonly busy: number;
  readonly workersMs: number;
  /** With the provider, which is one process with it here. */
  readonly orchestratorMs: number;
  /** The part of it before the last worker was connected. */
  readonly introducingMs: number;
  /** The store's own processes, where they can be watched. */
  readonly serviceMs?: number;
}

/** What a job's report and its workers tell of it. */
export interface JobTimes {
  /** Wall-clock milliseconds. */
  readonly submittedAt: number;
  readonly endedAt: number;
  readonly told: readonly WorkerTold[];
}

/** The moments between which the workers connect. */
export function connecting(told: readonly WorkerTold[]): { readonly from: number; readonly until: number } {
  return {
    from: Math.min(...told.map(({ begunAt }) => begunAt)),
    until: Math.max(...told.map(({ connectedAt }) => connectedAt)),
  };
}

export function connectingOf(told: readonly WorkerTold[]): Connecting {
  const pairs = told.flatMap(({ made }) => made);
  const ofPhase = (phase: Phase) => percentiles(pairs.map((pair) => pair.phases[`${phase}Ms`]));
  return {
    again: pairs.filter(({ rounds }) => rounds > 1).length,
    phases: Object.fromEntries(phases.map((phase) => [phase, ofPhase(phase)])) as Connecting["phases"],
  };
}

export function splitsOf({ submittedAt, endedAt, told }: JobTimes): Splits {
  const last = (time: (worker: WorkerTold) => number) => Math.max(...told.map(time));
  // The barrier before it opens when the last worker has joined.
  const { from: begunAt, until: connectedAt } = connecting(told);
  let at = connectedAt;
  let communicateMs = 0;
  for (const round of told[0]!.rounds.keys()) {
    const shuffledAt = last(({ rounds }) => rounds[round]!.shuffledAt);
    communicateMs += shuffledAt - last(({ rounds }) => rounds[round]!.mappedAt);
    at = last(({ rounds }) => rounds[round]!.reducedAt);
  }
  return {
    launchMs: begunAt - submittedAt,
    connectMs: connectedAt - begunAt,
    computeMs: at - connectedAt - communicateMs,
    communicateMs,
    endMs: endedAt - at,
  };
}

/** What is wrong with the result that the workers tell of, or nothing. */
export function wrongResult(
  told: readonly WorkerTold[],
  workers: number,
  rounds: number,
): string | undefined {
  if (told.length !== workers) return `${told.length} workers of ${workers} have told their result`;
  if (told.some((worker) => worker.rounds.length !== rounds)) return "not all workers did all rounds";
  return wrongWith(told.map((worker) => worker.rounds));
}

export const countsOf = (told: readonly WorkerTold[]) => ({
  sentBytes: told.reduce(
    (sum, { rounds }) => sum + rounds.reduce((own, { sentBytes }) => own + sentBytes, 0),
    0,
  ),
  digest: joinDigests(told.map(({ digest }) => digest)),
});

const totalOf = ({ splits }: Sample): number => Object.values(splits).reduce((sum, ms) => sum + ms, 0);

/** What was asked for, which all samples of a document share. */
export interface Shape {
  readonly setting: string;
  readonly dilation: number;
  readonly workers: number;
  readonly rounds: number;
  readonly bytes: number;
  readonly keys: string;
  /** Direct connections. */
  readonly encrypt: boolean;
}

/** The rows are whole jobs, those with the median total: so a row's splits add up. Ratios are of medians. */
export function reduceOutcome(shape: Shape, samples: readonly Sample[]): Outcome {
  const channels = [...new Set(samples.map(({ channel }) => channel))];
  const ofChannel = (channel: Rung) => samples.filter((sample) => sample.channel === channel);
  return {
    rows: channels.map((channel) => row(shape, ofChannel(channel))),
    ratios: channels.includes("direct") ? ratiosOf(shape, channels, ofChannel) : {},
    details: { shape, samples },
  };
}

function row({ setting, dilation, workers, rounds, keys }: Shape, samples: readonly Sample[]): Row {
  const sorted = samples.toSorted((one, other) => totalOf(one) - totalOf(other));
  const typical = sorted[sorted.length >> 1]!;
  const { launchMs, connectMs, computeMs, communicateMs, endMs } = typical.splits;
  const shown = (ms: number) => rounded(ms / dilation);
  const { cost } = typical;
  return {
    channel: typical.channel,
    setting,
    workers,
    rounds,
    keys,
    megabytes: rounded(typical.sentBytes / rounds / 1e6, 4),
    repetitions: samples.length,
    launchMs: shown(launchMs),
    connectMs: shown(connectMs),
    computeMs: shown(computeMs),
    communicateMs: shown(communicateMs),
    endMs: shown(endMs),
    totalMs: shown(totalOf(typical)),
    leastMs: shown(totalOf(sorted[0]!)),
    mostMs: shown(totalOf(sorted.at(-1)!)),
    ...(cost === undefined ? {} : { costUsd: rounded(cost) }),
    busyPercent: Math.round(typical.processors.busy * 100),
  };
}

/**
 * With the work of single servers undivided, and beside nothing else: they were K times too fast. Later work of the
 * orchestrator is that of the local provider, which watches its processes, and is in no cloud.
 */
const inFull =
  ({ dilation }: Shape) =>
  (sample: Sample): number => {
    const { introducingMs, serviceMs = 0 } = sample.processors;
    const ofService = sample.channel.startsWith("s3") ? 0 : serviceMs;
    return totalOf(sample) / dilation + (introducingMs + ofService) * (1 - 1 / dilation);
  };

function ratiosOf(
  shape: Shape,
  channels: readonly Rung[],
  ofChannel: (channel: Rung) => readonly Sample[],
): Record<string, number> {
  const ratios: Record<string, number> = {};
  const over = (name: string, figure: (sample: Sample) => number | undefined) => {
    const middle = (channel: Rung) => {
      const figures = ofChannel(channel).map(figure);
      return figures.every((each) => each !== undefined) ? median(figures) : undefined;
    };
    const direct = middle("direct");
    if (direct === undefined) return;
    for (const channel of channels.filter((each) => each !== "direct")) {
      const own = middle(channel);
      if (own !== undefined) ratios[`${name}.${channel}`] = rounded(own / direct);
    }
  };
  over("timeOver", totalOf);
  over("costOver", ({ cost }) => cost);
  if (shape.dilation > 1) over("timeOverInFull", inFull(shape));
  return ratios;
}
