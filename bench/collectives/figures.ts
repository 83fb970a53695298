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

/** Of each value. `count` operations make a turn, so that one lasts for some tens of milliseconds. */
export const sizes = [
  { name: "64B", bytes: 64, count: 40 },
  { name: "64KiB", bytes: 64 * 1024, count: 8 },
  { name: "4MiB", bytes: 4 * 1024 * 1024, count: 1 },
] as const;
export type Size = (typeof sizes)[number];
/** What a barrier moves. */
export const nothing = { name: "0", bytes: 0, count: 40 } as const;

export const sizesOf = (collective: Collective): readonly (Size | typeof nothing)[] =>
  collective === "barrier" ? [nothing] : sizes;

/** What one worker tells of a turn: clock readings in milliseconds, and what it sent in one operation. */
export interface Turn {
  readonly begun: readonly number[];
  readonly ended: readonly number[];
  readonly messages: number;
  readonly bytes: number;
}

export interface Sample {
  readonly collective: Collective;
  readonly bytes: number;
  /** "fnmesh", "naive", or an algorithm. */
  readonly way: string;
  readonly ms: number;
  /** That all workers together sent in one operation. */
  readonly messages: number;
  /** That the worker sent which sent most. */
  readonly mostBytes: number;
}

/** An operation takes from when the first begins until the last has ended; a turn's figure is the median of its own. */
export function sampleOf(
  { collective, bytes, way }: Pick<Sample, "collective" | "bytes" | "way">,
  told: readonly Turn[],
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
    ms: median(times),
    messages: told.reduce((sum, { messages }) => sum + messages, 0),
    mostBytes: Math.max(...told.map((each) => each.bytes)),
  };
}

/** In values, for p members: what all must send together, and what one of them cannot do with less than sending. */
const least: Readonly<Record<Collective, (p: number) => { readonly all: number; readonly one: number }>> = {
  barrier: () => ({ all: 0, one: 0 }),
  broadcast: (p) => ({ all: p - 1, one: 1 }),
  scatter: (p) => ({ all: p - 1, one: p - 1 }),
  gather: (p) => ({ all: p - 1, one: 1 }),
  allGather: (p) => ({ all: p * (p - 1), one: p - 1 }),
  reduce: (p) => ({ all: p - 1, one: (p - 1) / p }),
  allReduce: (p) => ({ all: 2 * (p - 1), one: (2 * (p - 1)) / p }),
  reduceScatter: (p) => ({ all: p * (p - 1), one: p - 1 }),
  scan: (p) => ({ all: p - 1, one: 1 }),
  allToAll: (p) => ({ all: p * (p - 1), one: p - 1 }),
};

export interface Measured {
  readonly workers: number;
  readonly samples: readonly Sample[];
  /** Of bare sockets, all processes together, in each turn. */
  readonly bytesPerMs: readonly number[];
  /** The algorithm that fnmesh takes. */
  readonly chosen: (collective: Collective, bytes: number) => string;
}

export function collectivesOutcome(measured: Measured): Outcome {
  const { workers, samples, chosen } = measured;
  const rate = median(measured.bytesPerMs);
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
        boundMs: rounded((values.all * bytes) / rate),
        sentBytes: Math.round(fnmesh.mostBytes),
        leastBytes: Math.round(values.one * bytes),
        messages: Math.round(fnmesh.messages),
        algorithm: chosen(collective, bytes),
        others: othersOf(own),
      };
    }),
  );
  return { rows, ratios, details: { rawMibPerSecond: rounded((rate * 1000) / 2 ** 20), samples } };
}

const figure = (samples: readonly Sample[], way: string) => {
  const own = samples.filter((sample) => sample.way === way);
  const { messages, mostBytes } = own[0]!;
  return { ms: median(own.map(({ ms }) => ms)), messages, mostBytes };
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
