// Every worker connects to all others at once and tells how it went; rank 0 returns all of it as the job's result.

import { type ConnectionInfo, defineJob } from "fnmesh";
import { type MeshSample, type Phase, percentiles, phases } from "../lib/mesh-figures.ts";

interface Told {
  readonly connections: readonly ConnectionInfo[];
  readonly doneAt: number;
}

/** `doneAt` is wall-clock time, in milliseconds: the scenario compares it with that of the last join. */
export interface MeshResult extends Omit<MeshSample, "ms"> {
  readonly doneAt: number;
}

const now = () => performance.timeOrigin + performance.now();

export default defineJob<MeshResult | undefined>({
  name: "bench mesh",
  async run({ rank, size, peers, barrier }) {
    // Whoever joins early would else wait for the others within its first phase.
    await barrier();
    const connections = await peers.connectAll();
    const own: Told = { connections: connections.filter((each) => each.rank > rank), doneAt: now() };
    // Nobody sends before all are connected, so that the messages disturb no measurement.
    await barrier();
    if (rank > 0) {
      await peers.send(0, own);
      return undefined;
    }
    const all = [own];
    for (let from = 1; from < size; from += 1) all.push((await peers.receive<Told>({ from })).value);
    return summary(all);
  },
});

function summary(all: readonly Told[]): MeshResult {
  const pairs = all.flatMap(({ connections }) => connections);
  const ofPhase = (phase: Phase) => percentiles(pairs.map((pair) => pair.phases[`${phase}Ms`]));
  return {
    pairs: pairs.length,
    direct: pairs.filter(({ path }) => path === "direct").length,
    reasons: [...new Set(pairs.flatMap(({ path, reason = "" }) => (path === "direct" ? [] : [reason])))],
    doneAt: Math.max(...all.map(({ doneAt }) => doneAt)),
    pairMs: percentiles(
      pairs.map((pair) => phases.reduce((sum, phase) => sum + pair.phases[`${phase}Ms`], 0)),
    ),
    phases: Object.fromEntries(phases.map((phase) => [phase, ofPhase(phase)])) as Record<
      Phase,
      ReturnType<typeof ofPhase>
    >,
  };
}
