// Workers in one process, for tests: they talk through queues in memory.

import type { Job, Message, Peers, ReceiveOptions, RuntimeWorker, SendOptions } from "fnmesh";

type Queue = { readonly values: unknown[]; readonly takers: ((value: unknown) => void)[] };

function createPost() {
  const queues = new Map<string, Queue>();
  return (from: number, to: number, tag: number): Queue => {
    const name = `${from} ${to} ${tag}`;
    const queue = queues.get(name) ?? { values: [], takers: [] };
    queues.set(name, queue);
    return queue;
  };
}

function peersOf(rank: number, post: ReturnType<typeof createPost>): Peers {
  const unused = () => {
    throw new Error("not used by this job");
  };
  return {
    async send(to: number, value: unknown, { tag = 0 }: SendOptions = {}) {
      // The value may be changed after the send: what arrives is a copy.
      const copy = structuredClone(value);
      const queue = post(rank, to, tag);
      const taker = queue.takers.shift();
      if (taker === undefined) queue.values.push(copy);
      else taker(copy);
    },
    async receive<T>({ from, tag }: ReceiveOptions = {}): Promise<Message<T>> {
      if (from === undefined || typeof tag !== "number") return unused();
      const queue = post(from, rank, tag);
      const value =
        queue.values.length > 0
          ? queue.values.shift()
          : await new Promise<unknown>((resolve) => queue.takers.push(resolve));
      return { from, tag, value: value as T };
    },
    openStream: unused,
    readStream: unused,
    connectAll: async () => [],
    connections: () => [],
  };
}

export interface TeamRun {
  readonly results: readonly unknown[];
  /** The parts, by rank. */
  readonly output: string;
  /** By rank, in order. */
  readonly stages: readonly (readonly string[])[];
}

/** Runs a job on as many workers as there are inputs: `inputs[rank]` are the texts of that worker's splits. */
export async function runTeam(
  job: Job,
  inputs: readonly (readonly string[])[],
  params: Record<string, string> = {},
): Promise<TeamRun> {
  const post = createPost();
  const parts = inputs.map(() => "");
  const stages = inputs.map((): string[] => []);
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const workers = inputs.map(
    (texts, rank): RuntimeWorker => ({
      rank,
      size: inputs.length,
      attempt: 0,
      params,
      input: texts.map((text, index) => splitOf(`${rank}-${index}.txt`, Buffer.from(text))),
      output: {
        async write(bytes) {
          parts[rank] += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
        },
      },
      peers: peersOf(rank, post),
      log: silent,
      signal: new AbortController().signal,
      remainingMs: () => 60_000,
      async stage(name, body) {
        stages[rank]!.push(name);
        return await body();
      },
      progress() {},
      async barrier() {},
    }),
  );
  const results = await Promise.all(workers.map((worker) => job.run(worker)));
  return { results, output: parts.join(""), stages };
}

const chunkBytes = 7;

function splitOf(name: string, bytes: Uint8Array): RuntimeWorker["input"][number] {
  return {
    name,
    bytes: bytes.length,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
    read: async () => bytes,
  };
}
