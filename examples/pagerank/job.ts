// The PageRank of a graph's vertices. Each worker has the vertices whose names hash to its rank; in each round it sends
// every other worker what its vertices give to that one's.

import { defineJob, type Worker } from "fnmesh";
import * as v from "valibot";
import { formats, type Vertex } from "./formats.ts";
import { changeOf, damping, dangling, degreesOf, given, taken } from "./ranks.ts";
import { type Links, linesByOwner, linksOf, Shard } from "./shard.ts";

const wholeNumber = (most: number) => v.pipe(v.string(), v.digits(), v.transform(Number), v.maxValue(most));

const params = v.strictObject({
  format: v.optional(v.picklist(["wordnet", "edges"]), "edges"),
  rounds: v.optional(wholeNumber(100_000), "300"),
  /** The rounds end when all ranks together change by less. They are then off by at most 0.85 / 0.15 times as much. */
  tolerance: v.optional(v.pipe(v.string(), v.decimal(), v.transform(Number)), "0.0000000001"),
  top: v.optional(wholeNumber(1_000), "10"),
});

type PageRankWorker = Worker<v.InferOutput<typeof params>>;

interface Ranked {
  readonly name: string;
  readonly label: string;
  readonly rank: number;
}

export default defineJob({
  name: "pagerank",
  params,
  async run(worker) {
    const shard = await worker.stage("read", () => readShard(worker));
    const { links, inlets } = await worker.stage("link", () => agree(worker, shard));
    const { ranks, ...found } = await worker.stage("iterate", () => iterate(worker, shard, links, inlets));
    const mine = shard.names.map((name, vertex) => ({
      name,
      label: shard.labels[vertex]!,
      rank: ranks[vertex]!,
    }));
    await worker.stage("write", () => write(worker, mine));
    const [edges, best] = await Promise.all([
      worker.allReduce(links.sources.length, "sum"),
      worker.gather(topOf(mine, worker.params.top)),
    ]);
    return best && { ...found, edges, top: topOf(best.flat(), worker.params.top) };
  },
});

/** Sends every vertex that this worker reads to the one that has it. */
async function readShard(worker: PageRankWorker): Promise<Shard> {
  const vertices: Vertex[] = [];
  for (const split of worker.input) {
    for (const line of Buffer.from(await split.read())
      .toString("utf8")
      .split("\n")) {
      const vertex = formats[worker.params.format](line);
      if (vertex !== undefined) vertices.push(vertex);
    }
  }
  const shard = new Shard();
  for (const lines of await worker.allToAll(linesByOwner(vertices, worker.size))) shard.add(lines);
  return shard;
}

/** Tells every other worker which of its vertices the numbers will be for, and is told by each: that is an inlet. */
async function agree(worker: PageRankWorker, shard: Shard): Promise<{ links: Links; inlets: Uint32Array[] }> {
  const links = linksOf(shard, worker.size);
  const asked = await worker.allToAll(links.wanted.map((names) => names.join("\n")));
  const inlets = asked.map((names) =>
    Uint32Array.from(names === "" ? [] : names.split("\n"), (name) => shard.numberOf(name)),
  );
  return { links, inlets };
}

async function iterate(worker: PageRankWorker, shard: Shard, links: Links, inlets: readonly Uint32Array[]) {
  const { rounds: most, tolerance } = worker.params;
  const vertices = await worker.allReduce(shard.names.length, "sum");
  const degrees = degreesOf(links, shard.names.length);
  let ranks: Float64Array = new Float64Array(shard.names.length).fill(1 / vertices);
  let change = Number.POSITIVE_INFINITY;
  let rounds = 0;
  for (; rounds < most && change >= tolerance; rounds++) {
    // The two do not wait for each other.
    const [received, lost] = await Promise.all([
      worker.allToAll(given(ranks, degrees, links)),
      worker.allReduce(dangling(ranks, degrees), "sum"),
    ]);
    const base = (1 - damping + damping * lost) / vertices;
    const next = taken(ranks.length, base, received, inlets);
    change = await worker.allReduce(changeOf(ranks, next), "sum");
    ranks = next;
    worker.progress(rounds + 1, most);
  }
  return { vertices, rounds, change, ranks };
}

const topOf = (all: readonly Ranked[], most: number): Ranked[] =>
  all.toSorted((one, other) => other.rank - one.rank || (one.name < other.name ? -1 : 1)).slice(0, most);

async function write({ output }: PageRankWorker, mine: readonly Ranked[]): Promise<void> {
  await output.write(mine.map(({ name, label, rank }) => `${name}\t${label}\t${rank}\n`).join(""));
}
