// What the collectives scenario measures, the least that each collective has to move, and how both become rows.

import type { Outcome, Row } from "../lib/scenario.ts";
import { median, rounded } from "../lib/statistics.ts";

export const collectives = [
  "barrier",
  "broadcast",
  "scatter",
  "gather",
  "allGather",
  "reduce",
  "allReduce",
  "reduceScatter",
  "scan",
  "allToAll",
] as const;
export type Collective = (typeof collectives)[number];

/** Of each value. */
export const sizes = [
  { name: "64B", bytes: 64 },
  { name: "64KiB", bytes: 64 * 1024 },
  { name: "4MiB", bytes: 4 * 1024 * 1024 },
] as const;
export type Size = (typeof sizes)[number];
/** What a barrier moves. */
export const nothing = { name: "0", bytes: 0 } as const;

export const sizesOf = (collective: Collective): readonly (Size | typeof nothing)[] =>
  collective === "barrier" ? [nothing] : sizes;

/** What one worker tells of a turn: clock readings in milliseconds, and what it sent in one operation. */
export interface Turn {
  readonly begun: readonly number[];
  readonly ended: readonly number[];
  readonly messages: number;
  readonly bytes: number;
  /** That its process used in one operation. */
  readonly processorMs: number;
}

export interface Sample {
  readonly collective: Collective;
  readonly bytes: number;
  /** "fnmesh", "naive", or an algorithm. */
  readonly way: string;
  /** As a function would see them: without the dilation of time. */
  readonly ms: number;
  /** That all workers together sent in one operation. */
  readonly messages: number;
  /** That the worker sent which sent most. */
  readonly mostBytes: number;
  /** Of one processor, that all workers together used in one operation; as it is, whatever time does. */
  readonly processorMs: number;
  /** The share of all processors' time that was used in the turn, by whomever; 0 to 1. */
  readonly busy: number;
}

/** How the machine was in a turn. */
export interface Watched {
  readonly dilation: number;
  readonly busy: number;
}

/** An operation takes from when the first begins until the last has ended; a turn's figure is the median of its own. */
export function sampleOf(
  { collective, bytes, way }: Pick<Sample, "collective" | "bytes" | "way">,
  told: readonly Turn[],
  { dilation, busy }: Watched,
): Sample {
  const times = told[0]!.begun.map(
    (_, index) =>
      Math.max(...told.map(({ ended }) => ended[index]!)) -
      Math.min(...told.map(({ begun }) => begun[index]!)),
  );
  return {
    collective,
    bytes,
    way,
    ms: median(times) / dilation,
    messages: told.reduce((sum, { messages }) => sum + messages, 0),
    mostBytes: Math.max(...told.map((each) => each.bytes)),
    processorMs: told.reduce((sum, each) => sum + each.processorMs, 0),
    busy,
  };
}

/** In values: what all must send together; what one of them cannot do with less than sending; the same of one's link. */
interface Least {
  readonly all: number;
  readonly one: number;
  /** Sent or received, whichever is more. Default: what is sent. */
  readonly link?: number;
}

/** For p members. */
const least: Readonly<Record<Collective, (p: number) => Least>> = {
  barrier: () => ({ all: 0, one: 0 }),
  broadcast: (p) => ({ all: p - 1, one: 1 }),
  scatter: (p) => ({ all: p - 1, one: p - 1 }),
  gather: (p) => ({ all: p - 1, one: 1, link: p - 1 }),
  allGather: (p) => ({ all: p * (p - 1), one: p - 1 }),
  // Whoever is not the root cannot keep any of its own.
  reduce: (p) => ({ all: p - 1, one: 1 }),
  allReduce: (p) => ({ all: 2 * (p - 1), one: (2 * (p - 1)) / p }),
  reduceScatter: (p) => ({ all: p * (p - 1), one: p - 1 }),
  scan: (p) => ({ all: p - 1, one: 1 }),
  allToAll: (p) => ({ all: p * (p - 1), one: p - 1 }),
};

/** What nothing can be faster than, in milliseconds, for values of so many bytes. */
export type Bound = (needed: Least, bytes: number) => number;

/** All members share what a ring of bare sockets moves, all its processes together. */
export const sharedBound =
  (bytesPerMs: number): Bound =>
  ({ all }, bytes) =>
    (all * bytes) / bytesPerMs;

/** Each member has a link of its own each way, and everything takes one latency at least. */
export const linkBound =
  ({ bytesPerMs, latencyMs }: { readonly bytesPerMs: number; readonly latencyMs: number }): Bound =>
  ({ one, link = one }, bytes) =>
    (link * bytes) / bytesPerMs + latencyMs;

export interface Measured {
  readonly workers: number;
  readonly samples: readonly Sample[];
  readonly bound: Bound;
  /** The algorithm that fnmesh takes. */
  readonly chosen: (collective: Collective, bytes: number) => string;
  /** Where the processors should not be the limit, rows say how busy they were. */
  readonly showBusy?: boolean;
}

export function collectivesOutcome(measured: Measured): Outcome {
  const { workers, samples, bound, chosen, showBusy = false } = measured;
  const ratios: Record<string, number> = {};
  const rows = collectives.flatMap((collective) =>
    sizesOf(collective).map(({ name, bytes }): Row => {
      const own = samples.filter((sample) => sample.collective === collective && sample.bytes === bytes);
      const [fnmesh, naive] = [figure(own, "fnmesh"), figure(own, "naive")];
      const values = least[collective](workers);
      ratios[`naiveToFnmesh.${collective}.${name}`] = rounded(naive.ms / fnmesh.ms);
      if (bytes > 0) {
        ratios[`bytesToLeast.${collective}.${name}`] = rounded(fnmesh.mostBytes / (values.one * bytes));
      }
      return {
        collective,
        value: name,
        ms: rounded(fnmesh.ms),
        naiveMs: rounded(naive.ms),
        ratio: rounded(naive.ms / fnmesh.ms),
        boundMs: rounded(bound(values, bytes)),
        processorMs: rounded(fnmesh.processorMs),
        naiveProcessorMs: rounded(naive.processorMs),
        sentBytes: Math.round(fnmesh.mostBytes),
        leastBytes: Math.round(values.one * bytes),
        messages: Math.round(fnmesh.messages),
        ...(showBusy ? { busyPercent: Math.round(100 * Math.max(fnmesh.busy, naive.busy)) } : {}),
        algorithm: chosen(collective, bytes),
        others: othersOf(own),
      };
    }),
  );
  return { rows, ratios, details: { samples } };
}

const figure = (samples: readonly Sample[], way: string) => {
  const own = samples.filter((sample) => sample.way === way);
  const { messages, mostBytes } = own[0]!;
  const of = (name: "ms" | "processorMs" | "busy") => median(own.map((sample) => sample[name]));
  return { ms: of("ms"), processorMs: of("processorMs"), busy: of("busy"), messages, mostBytes };
};

/** Every algorithm that was tried, with its milliseconds, the fastest first. */
function othersOf(samples: readonly Sample[]): string {
  const ways = new Set(samples.map(({ way }) => way).filter((way) => way !== "fnmesh" && way !== "naive"));
  return [...ways]
    .map((way) => ({ way, ms: figure(samples, way).ms }))
    .sort((one, other) => one.ms - other.ms)
    .map(({ way, ms }) => `${way} ${rounded(ms)}`)
    .join(", ");
}
