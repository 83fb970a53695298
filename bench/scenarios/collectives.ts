// Every collective of N workers on this machine: by the algorithm that fnmesh takes, by each other that it could take,
// and the naive way, all through rank 0; beside the time that bare sockets need for the least bytes. All in turns.

import { join } from "node:path";
import { algorithmsOf, chosenBy } from "../collectives/algorithms.ts";
import {
  type Collective,
  collectives,
  collectivesOutcome,
  type Sample,
  sampleOf,
  sizesOf,
  type Turn,
} from "../collectives/figures.ts";
import { startChild } from "../lib/child.ts";
import { type Defer, withCleanup } from "../lib/cleanup.ts";
import { type End, openSteering, type Steering } from "../lib/control.ts";
import { failureOf, startFnmesh } from "../lib/fnmesh.ts";
import type { Outcome, Scenario, ScenarioOptions } from "../lib/scenario.ts";

const presetWorkers = 16;
const presetRepetitions = 7;
const loopback = "127.0.0.1";
const mebibyte = 1024 * 1024;
/** The largest lists are 64 MiB; rank 0 of a naive operation has several of them for each worker. */
const memoryMb = 4096;
/**
 * So many times as long is the first turn of what is compared: what brings the workers together warms the naive way's
 * code up, and only that. A short run warms up for a shorter time.
 */
const warmUp = (repetitions: number): number => Math.min(40, 4 * repetitions);
/** Of each process of the ring, in one turn. */
const ringBytes = 16 * mebibyte;

export const collectivesScenario: Scenario = {
  summary: "every collective, beside the naive way and the least that bare sockets need",
  takes: ["encrypt"],
  run: (options) =>
    withCleanup(async (defer) => {
      const { workers = presetWorkers } = options;
      const steering = await openSteering(loopback, options.signal);
      defer(() => steering.close());
      const { failed } = await startJob(options, workers, steering, defer);
      const failures = [failed, ...startRing(options, workers, steering, defer)];
      const measured = connected(steering, workers).then((ends) => measure(ends, options, workers));
      return await Promise.race([measured, ...failures]);
    }),
};

/** `failed` rejects when the job ends before it should. */
async function startJob(
  { bundles, encrypt }: ScenarioOptions,
  workers: number,
  { port }: Steering,
  defer: Defer,
): Promise<{ readonly failed: Promise<never> }> {
  const fnmesh = await startFnmesh({});
  defer(() => fnmesh.close());
  const job = await fnmesh.submit({
    bundle: join(bundles, "jobs/collectives.mjs"),
    workers,
    encrypt,
    memoryMb,
    params: { host: loopback, port: String(port) },
  });
  return { failed: failureOf(job) };
}

function startRing({ bundles }: ScenarioOptions, workers: number, { port }: Steering, defer: Defer) {
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

async function connected(steering: Steering, workers: number): Promise<Ends> {
  const ranked = async (kind: string) => {
    const ends = await steering.ends(workers, (hello) => hello.kind === kind);
    return [...ends].sort((a, b) => Number(a.hello.rank) - Number(b.hello.rank));
  };
  const [fnmesh, ring] = await Promise.all([ranked("fnmesh"), ranked("ring")]);
  await Promise.all(fnmesh.map((end) => end.ask({ do: "connect" })));
  await Promise.all(
    ring.map((end, rank) => end.ask({ do: "connect", port: ring[(rank + 1) % workers]!.hello.port! })),
  );
  return { fnmesh, ring };
}

/** What is compared first: the other algorithms, in the same processes, would make one machine code serve all of them. */
const phases: readonly ((collective: Collective) => readonly string[])[] = [
  () => ["fnmesh", "naive"],
  (collective) => algorithmsOf(collective),
];

async function measure(ends: Ends, options: ScenarioOptions, workers: number): Promise<Outcome> {
  const { repetitions = presetRepetitions, say, signal } = options;
  const samples: Sample[] = [];
  const bytesPerMs: number[] = [];
  for (const [phase, waysOf] of phases.entries()) {
    say(phase === 0 ? "fnmesh and the naive way: warming up" : "single algorithms: warming up");
    // The first turn warms every process's code up, and does not count.
    for (let turn = 0; turn <= repetitions; turn += 1) {
      if (turn > 0) say(`repetition ${turn} of ${repetitions}`);
      for (const collective of collectives) {
        const rate = await ringRate(ends.ring, ringBytes);
        const longer = turn === 0 && phase === 0 ? warmUp(repetitions) : 1;
        const taken = await takeTurns(ends.fnmesh, collective, waysOf(collective), { turn, longer });
        if (turn > 0) {
          bytesPerMs.push(rate);
          samples.push(...taken);
        }
        signal.throwIfAborted();
      }
    }
  }
  return collectivesOutcome({
    workers,
    samples,
    bytesPerMs,
    chosen: (collective, bytes) => chosenBy(collective, workers, bytes),
  });
}

/** One turn of every way, for every size; of small values `longer`. Each repetition begins with another way. */
async function takeTurns(
  ends: readonly End[],
  collective: Collective,
  ways: readonly string[],
  { turn, longer }: { readonly turn: number; readonly longer: number },
): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const { bytes, count } of sizesOf(collective)) {
    for (const index of ways.keys()) {
      const way = ways[(index + turn) % ways.length]!;
      const times = bytes < 1024 ? count * longer : count;
      const told = await Promise.all(
        ends.map((end) => end.ask<Turn>({ do: "turn", collective, bytes, way, count: times })),
      );
      samples.push(sampleOf({ collective, bytes, way }, told));
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
