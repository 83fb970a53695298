// Every collective of N workers: by the algorithm that fnmesh takes, by each other that it could take, and the naive
// way, all through rank 0; beside the time that the least bytes need. All in turns. On this machine as it is, or as
// functions with a link and a latency each would see it.

import { join } from "node:path";
import { algorithmsOf, chosenBy } from "../collectives/algorithms.ts";
import {
  type Bound,
  type Collective,
  collectives,
  collectivesOutcome,
  linkBound,
  type Sample,
  sampleOf,
  sharedBound,
  type Turn,
} from "../collectives/figures.ts";
import { type Stage, sizesIn, stagesOf } from "../collectives/stages.ts";
import { startChild } from "../lib/child.ts";
import { type Defer, withCleanup } from "../lib/cleanup.ts";
import { type End, openSteering, type Steering } from "../lib/control.ts";
import { type Fnmesh, failureOf, startFnmesh } from "../lib/fnmesh.ts";
import { type SettingName, UsageError } from "../lib/options.ts";
import { watchProcessors } from "../lib/processor.ts";
import type { Outcome, Scenario, ScenarioOptions } from "../lib/scenario.ts";
import { median, rounded } from "../lib/statistics.ts";
import { openLinked } from "../settings/linked.ts";
import { functionLink } from "../shaping/models.ts";

const presetWorkers = 16;
/** What fnmesh is for, and what its choices are made for. */
const presetSetting: SettingName = "cloud";
const loopback = "127.0.0.1";
const mebibyte = 1024 * 1024;
/** The largest lists are 64 MiB; rank 0 of a naive operation has several of them for each worker. */
const memoryMb = 4096;
/** Of each process of the ring, in one turn. */
const ringBytes = 16 * mebibyte;

export const collectivesScenario: Scenario = {
  summary: "every collective, beside the naive way and the least time that the least bytes need",
  takes: ["setting", "dilation", "encrypt"],
  needsLab: ({ setting = presetSetting }) => setting === "cloud",
  async run(options) {
    const { workers = presetWorkers, setting = presetSetting, dilation, repetitions, encrypt, say } = options;
    if (setting === "cloud" && encrypt)
      throw new UsageError("--encrypt goes with --setting local: cloud delays what is not encrypted only");
    if (setting === "local" && dilation !== undefined)
      throw new UsageError("--dilation goes with --setting cloud");
    const taken: Taken[] = [];
    for (const stage of stagesOf({ setting, repetitions, dilation })) {
      say(`values of ${stage.sizes.map(({ name }) => name).join(", ")}`);
      taken.push(await withCleanup((defer) => runStage({ options, workers, setting, stage, defer })));
    }
    return outcomeOf(taken, setting, workers);
  },
};

interface Bench {
  readonly options: ScenarioOptions;
  readonly workers: number;
  readonly setting: SettingName;
  readonly stage: Stage;
  readonly defer: Defer;
}

interface Taken {
  readonly samples: readonly Sample[];
  /** Of bare sockets, all processes together, in each turn. None where links have a rate of their own. */
  readonly ringBytesPerMs: readonly number[];
}

/** Where workers run. */
interface Place {
  readonly fnmesh: Fnmesh;
  readonly host: string;
  readonly nat: string;
  /** How long after they have met workers begin all at once, if not at once as they hear of it. */
  readonly aheadMs: number;
}

/** Beside the latency of telling it: what busy processors and coarse timers may take. */
const spareMs = 6;

const open: Readonly<Record<SettingName, (bench: Bench) => Promise<Place>>> = {
  async local({ defer }) {
    const fnmesh = await startFnmesh({});
    defer(() => fnmesh.close());
    return { fnmesh, host: loopback, nat: "none", aheadMs: 0 };
  },
  async cloud({ options, workers, stage: { dilation }, defer }) {
    const { bundles, signal, say } = options;
    const linked = await openLinked({ workers, dilation, bundles, signal, say, defer });
    return { ...linked, aheadMs: functionLink.latencyMs * dilation + spareMs };
  },
};

async function runStage(bench: Bench): Promise<Taken> {
  const { options, workers, setting, defer } = bench;
  const place = await open[setting](bench);
  const steering = await openSteering(place.host, options.signal);
  defer(() => steering.close());
  const { failed } = await startJob(bench, place, steering);
  const rings = setting === "local" ? startRing(bench, steering) : [];
  const measured = connected(steering, workers, rings.length).then((ends) => measure(ends, bench));
  return await Promise.race([measured, failed, ...rings]);
}

/** `failed` rejects when the job ends before it should. */
async function startJob(
  { options: { bundles, encrypt }, workers }: Bench,
  { fnmesh, host, nat, aheadMs }: Place,
  { port }: Steering,
): Promise<{ readonly failed: Promise<never> }> {
  const job = await fnmesh.submit({
    bundle: join(bundles, "jobs/collectives.mjs"),
    workers,
    encrypt,
    nat,
    memoryMb,
    params: { host, port: String(port), aheadMs: String(aheadMs) },
  });
  return { failed: failureOf(job) };
}

function startRing({ options: { bundles }, workers, defer }: Bench, { port }: Steering): Promise<never>[] {
  const program = join(bundles, "rivals/ring.cjs");
  return Array.from({ length: workers }, (_, rank) => {
    const child = startChild([process.execPath, program, loopback, String(port), String(rank)]);
    defer(() => child.stop());
    return child.failed;
  });
}

/** By rank. */
interface Ends {
  readonly fnmesh: readonly End[];
  readonly ring: readonly End[];
}

async function connected(steering: Steering, workers: number, rings: number): Promise<Ends> {
  const ranked = async (kind: string, count: number) => {
    const ends = await steering.ends(count, (hello) => hello.kind === kind);
    return [...ends].sort((a, b) => Number(a.hello.rank) - Number(b.hello.rank));
  };
  const [fnmesh, ring] = await Promise.all([ranked("fnmesh", workers), ranked("ring", rings)]);
  await Promise.all(fnmesh.map((end) => end.ask({ do: "connect" })));
  await Promise.all(
    ring.map((end, rank) => end.ask({ do: "connect", port: ring[(rank + 1) % rings]!.hello.port! })),
  );
  return { fnmesh, ring };
}

/** What is compared first: the other algorithms, in the same processes, would make one machine code serve all of them. */
const phases = [
  { name: "compared", says: "fnmesh and the naive way", waysOf: (_: Collective) => ["fnmesh", "naive"] },
  { name: "single", says: "single algorithms", waysOf: algorithmsOf },
] as const;
type Phase = (typeof phases)[number];

async function measure(ends: Ends, bench: Bench): Promise<Taken> {
  const { options, stage } = bench;
  const samples: Sample[] = [];
  const ringBytesPerMs: number[] = [];
  for (const phase of phases) {
    const repetitions = stage.repetitions[phase.name];
    options.say(`${phase.says}: warming up`);
    // The first turn warms every process's code up, and does not count.
    for (let turn = 0; turn <= repetitions; turn += 1) {
      if (turn > 0) options.say(`repetition ${turn} of ${repetitions}`);
      for (const collective of collectives) {
        const rate = ends.ring.length > 0 ? await ringRate(ends.ring, ringBytes) : undefined;
        const taken = await takeTurns(ends.fnmesh, stage, phase, { collective, turn });
        options.signal.throwIfAborted();
        if (turn === 0) continue;
        if (rate !== undefined) ringBytesPerMs.push(rate);
        samples.push(...taken);
      }
    }
  }
  return { samples, ringBytesPerMs };
}

interface Round {
  readonly collective: Collective;
  /** 0 warms up. */
  readonly turn: number;
}

/** One turn of every way, for every size. Each repetition begins with another way. */
async function takeTurns(ends: readonly End[], stage: Stage, phase: Phase, round: Round): Promise<Sample[]> {
  const { collective, turn } = round;
  const ways = phase.waysOf(collective).filter((way) => !stage.except.includes(way));
  const samples: Sample[] = [];
  for (const { name, bytes } of sizesIn(stage, collective)) {
    const warming = turn === 0;
    const longer = warming && phase.name === "compared" && bytes < 1024 ? stage.warmUpTimes : 1;
    const request = {
      bytes: warming ? bytes * stage.warmUpPart : bytes,
      count: stage.counts[name]! * longer,
    };
    for (const index of ways.keys()) {
      const way = ways[(index + turn) % ways.length]!;
      const busy = watchProcessors();
      const told = await Promise.all(
        ends.map((end) => end.ask<Turn>({ do: "turn", collective, way, ...request })),
      );
      samples.push(sampleOf({ collective, bytes, way }, told, { dilation: stage.dilation, busy: busy() }));
    }
  }
  return samples;
}

async function ringRate(ends: readonly End[], bytes: number): Promise<number> {
  const told = await Promise.all(
    ends.map((end) => end.ask<{ begun: number; ended: number }>({ do: "turn", bytes })),
  );
  const ms = Math.max(...told.map(({ ended }) => ended)) - Math.min(...told.map(({ begun }) => begun));
  return (bytes * ends.length) / ms;
}

function outcomeOf(taken: readonly Taken[], setting: SettingName, workers: number): Outcome {
  const samples = taken.flatMap((each) => each.samples);
  const chosen = (collective: Collective, bytes: number) => chosenBy(collective, workers, bytes);
  const { bound, model } = limitsOf(taken, setting);
  const outcome = collectivesOutcome({ workers, samples, bound, chosen, showBusy: setting === "cloud" });
  return { ...outcome, details: { setting, ...model, ...outcome.details } };
}

function limitsOf(taken: readonly Taken[], setting: SettingName): { bound: Bound; model: object } {
  if (setting === "cloud") {
    const { bitsPerSecond, latencyMs } = functionLink;
    return { bound: linkBound({ bytesPerMs: bitsPerSecond / 8000, latencyMs }), model: { functionLink } };
  }
  const rate = median(taken.flatMap(({ ringBytesPerMs }) => ringBytesPerMs));
  return { bound: sharedBound(rate), model: { rawMibPerSecond: rounded((rate * 1000) / mebibyte) } };
}
