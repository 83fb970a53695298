// The paper's experiment as a job: each round makes records, sends each to the worker that owns its key, all to all, and
// adds up what came; the next round's records come from that. Each worker tells when it did what, and what it counted,
// by the job's output: so nothing but the shuffle goes over the channel.

import { readFileSync } from "node:fs";
import { type ConnectionInfo, defineJob, type Worker } from "fnmesh";
import { type KeyKind, keyMaker } from "../records/keys.ts";
import { recordBytes, recordWords } from "../records/record.ts";
import type { Reduced } from "../records/reduced.ts";
import { map, reduce } from "../records/round.ts";
import { digestOf, type RoundTally } from "../records/tally.ts";

export { stores } from "../lib/stores.ts";

/** One worker's line of the output. Times are wall-clock milliseconds, which all processes of a machine share. */
export interface WorkerTold {
  readonly rank: number;
  readonly begunAt: number;
  readonly connectedAt: number;
  /** How the connections to higher ranks were made. */
  readonly made: readonly Pick<ConnectionInfo, "rounds" | "phases">[];
  readonly rounds: readonly RoundTold[];
  readonly digest: number;
  /** Of the processor, from the begin on. */
  readonly processorMs: number;
}

export interface RoundTold extends RoundTally {
  readonly mappedAt: number;
  readonly shuffledAt: number;
  readonly reducedAt: number;
}

const now = () => performance.timeOrigin + performance.now();

export default defineJob({
  name: "bench reduce-by-key",
  async run(worker) {
    const { params, rank, barrier, peers, output } = worker;
    const text = params.text === undefined ? "" : readFileSync(params.text, "utf8");
    const shape = {
      workers: worker.size,
      rank,
      seed: Number(params.seed),
      records: Number(params.records),
      keys: keyMaker(params.keys as KeyKind, text),
    };
    // Whoever joins early would else wait for the others while its time counts.
    await barrier();
    const processor = process.cpuUsage();
    const begunAt = now();
    const connections = await peers.connectAll();
    const connectedAt = now();
    const rounds: RoundTold[] = [];
    let last: Reduced | undefined;
    for (let round = 0; round < Number(params.rounds); round += 1) {
      const { parts, made } = map({ ...shape, round, last });
      const mappedAt = now();
      const came = await allToAll(worker, parts, round);
      const shuffledAt = now();
      const { table, ...counted } = reduce(came, rank);
      last = table;
      const sentBytes = recordBytes * (made.records - parts[rank]!.length / recordWords);
      rounds.push({ made, ...counted, sentBytes, mappedAt, shuffledAt, reducedAt: now() });
    }
    const { user, system } = process.cpuUsage(processor);
    const processorMs = (user + system) / 1000;
    const made = connections
      .filter((each) => each.rank > rank)
      .map(({ rounds, phases }) => ({ rounds, phases }));
    const digest = digestOf(last!);
    const told: WorkerTold = { rank, begunAt, connectedAt, made, rounds, digest, processorMs };
    await output.write(`${JSON.stringify(told)}\n`);
  },
});

/** Sends parts[r] to each rank r, its right neighbour first, and takes one from each, at the same time; by rank. */
async function allToAll(
  { rank, size, peers }: Worker,
  parts: readonly Uint32Array[],
  tag: number,
): Promise<readonly Uint32Array[]> {
  const others = Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);
  const received: Uint32Array[] = [];
  received[rank] = parts[rank]!;
  await Promise.all([
    ...others.map(async (from) => {
      received[from] = (await peers.receive<Uint32Array>({ from, tag })).value;
    }),
    ...others.map((to) => peers.send(to, parts[to]!, { tag })),
  ]);
  return received;
}
