// The full mesh of N workers, each behind its own NAT that lets nobody in unasked: how long from the last worker's
// join until the last pair stands, encrypted and not, beside bare sockets that do the same in the same lab.

import { join } from "node:path";
import { type Lab, openLab } from "@fnmesh/netlab";
import type { MeshResult } from "../jobs/mesh.ts";
import { startChild } from "../lib/child.ts";
import { withCleanup } from "../lib/cleanup.ts";
import { openSteering } from "../lib/control.ts";
import { type Fnmesh, startFnmesh, succeeded } from "../lib/fnmesh.ts";
import { type MeshKind, type MeshSample, meshKinds, meshOutcome, percentiles } from "../lib/mesh-figures.ts";
import type { Scenario, ScenarioOptions } from "../lib/scenario.ts";

const presetWorkers = 64;
const presetRepetitions = 3;

export const mesh: Scenario = {
  summary: "connectAll of N workers in the restricted NAT lab, beside bare sockets",
  needsLab: () => true,
  run: (options) =>
    withCleanup(async (defer) => {
      const { workers = presetWorkers, repetitions = presetRepetitions, signal, say } = options;
      const lab = await openLab({ profile: "restricted", workers, signal });
      defer(() => lab.close());
      const fnmesh = await startFnmesh({ host: lab.orchestratorHost, place: lab.enter });
      defer(() => fnmesh.close());
      const samples = new Map<MeshKind, MeshSample[]>(meshKinds.map((kind) => [kind, []]));
      for (let turn = 1; turn <= repetitions; turn += 1) {
        for (const kind of meshKinds) {
          const sample = await take[kind](options, lab, fnmesh, workers);
          samples.get(kind)!.push(sample);
          say(
            `repetition ${turn} of ${repetitions}, ${kind}: ${sample.direct} pairs in ${Math.round(sample.ms)} ms`,
          );
        }
      }
      return meshOutcome(workers, samples);
    }),
};

type Take = (options: ScenarioOptions, lab: Lab, fnmesh: Fnmesh, workers: number) => Promise<MeshSample>;

const take: Readonly<Record<MeshKind, Take>> = {
  "fnmesh encrypted": (options, _, fnmesh, workers) => runJob(options, fnmesh, workers, true),
  "fnmesh plain": (options, _, fnmesh, workers) => runJob(options, fnmesh, workers, false),
  "bare sockets": runRival,
};

const now = () => performance.timeOrigin + performance.now();

async function runJob(
  { bundles, signal }: ScenarioOptions,
  fnmesh: Fnmesh,
  workers: number,
  encrypt: boolean,
): Promise<MeshSample> {
  const submittedAt = now();
  const job = await fnmesh.submit({
    bundle: join(bundles, "jobs/mesh.mjs"),
    workers,
    encrypt,
    nat: "restricted",
    // As users run it: a pair that finds no direct way in its time is relayed, and the row shows that it is.
    channel: "auto",
  });
  const cancel = () => void job.cancel("the benchmark was ended");
  signal.addEventListener("abort", cancel, { once: true });
  const { result, timing } = await succeeded(job).finally(() => signal.removeEventListener("abort", cancel));
  const { doneAt, ...figures } = result as MeshResult;
  return { ...figures, ms: doneAt - (submittedAt + timing.launchMs) };
}

interface Told {
  readonly times: readonly number[];
  readonly doneAt: number;
}

function runRival(
  { bundles, signal }: ScenarioOptions,
  lab: Lab,
  _: Fnmesh,
  workers: number,
): Promise<MeshSample> {
  return withCleanup(async (defer) => {
    const steering = await openSteering(lab.orchestratorHost, signal);
    defer(() => steering.close());
    const program = [
      process.execPath,
      join(bundles, "rivals/mesh.cjs"),
      lab.orchestratorHost,
      String(steering.port),
    ];
    const children = Array.from({ length: workers }, (_, rank) =>
      startChild([...lab.enter(rank), ...program, String(rank)]),
    );
    defer(async () => {
      await Promise.all(children.map((child) => child.stop()));
    });
    const made = steering
      .ends(workers, () => true)
      .then(async (ends) => {
        const joinedAt = now();
        const ranked = [...ends].sort((a, b) => Number(a.hello.rank) - Number(b.hello.rank));
        const peers = ranked.map(({ from }) => from);
        const told = await Promise.all(ranked.map((end, rank) => end.ask<Told>({ do: "mesh", peers, rank })));
        return rivalSample(told, joinedAt);
      });
    return await Promise.race([made, ...children.map((child) => child.failed)]);
  });
}

function rivalSample(told: readonly Told[], joinedAt: number): MeshSample {
  // By rank, without oneself: rank r's peers above it are those from place r on.
  const times = told.flatMap((each, rank) => each.times.slice(rank));
  return {
    pairs: (told.length * (told.length - 1)) / 2,
    direct: times.length,
    ms: Math.max(...told.map(({ doneAt }) => doneAt)) - joinedAt,
    pairMs: percentiles(times),
  };
}
