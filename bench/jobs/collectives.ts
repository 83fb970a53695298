// Workers that do collectives as the steering scenario asks: fnmesh's own choice, the naive way, or one algorithm. They
// tell when each operation began and ended by the machine's clock, and what they sent.

import { setTimeout } from "node:timers/promises";
import {
  type Choices,
  createGroup,
  type InnerPeers,
  inner,
  newRoots,
  type PeersWithInner,
} from "@fnmesh/core/internal";
import { defineJob, type Group, type Worker } from "fnmesh";
import { choicesFor } from "../collectives/algorithms.ts";
import type { Collective, Turn } from "../collectives/figures.ts";
import * as naive from "../collectives/naive.ts";
import { check, inputOf, operations } from "../collectives/operations.ts";
import { beSteered, type Fields, type Json } from "../lib/control.ts";

/** Which way a turn goes: "fnmesh", "naive", or an algorithm. */
interface Request extends Fields {
  readonly do: "connect" | "turn";
  readonly collective: Collective;
  readonly bytes: number;
  readonly way: string;
  readonly count: number;
}

export default defineJob({
  name: "bench collectives",
  async run(worker: Worker) {
    const { rank, params } = worker;
    const bench = benchOf(worker, Number(params.aheadMs));
    await beSteered({
      host: params.host!,
      port: Number(params.port),
      hello: { kind: "fnmesh", rank, pid: process.pid },
      async handle(request) {
        if (request.do === "turn") return (await turn(bench, request as Request)) as unknown as Json;
        await worker.peers.connectAll();
        return null;
      },
    });
  },
});

interface Bench {
  /** How long after they have met all begin at one moment; 0 where each begins when it hears of it. */
  readonly aheadMs: number;
  readonly groupFor: (way: string, collective: Collective) => Group;
  /** What this worker has sent so far. */
  readonly sent: { messages: number; bytes: number };
}

function benchOf({ rank, size, peers }: Worker, aheadMs: number): Bench {
  const sent = { messages: 0, bytes: 0 };
  const members = Array.from({ length: size }, (_, other) => other);
  const counted = countedPeers((peers as PeersWithInner)[inner], sent);
  const groups = new Map<string, Group>();
  const make = (choices?: Choices) =>
    createGroup(newRoots(counted, choices), { rank, members, context: groups.size });
  const groupFor = (way: string, collective: Collective) => {
    const isAlgorithm = way !== "fnmesh" && way !== "naive";
    const name = isAlgorithm ? `${collective} ${way}` : way;
    const group = groups.get(name) ?? make(isAlgorithm ? choicesFor(collective, way) : undefined);
    groups.set(name, group);
    return group;
  };
  return { aheadMs, groupFor, sent };
}

const countedPeers = (peers: InnerPeers, sent: Bench["sent"]): InnerPeers => ({
  ...peers,
  send(to, tag, encoded) {
    sent.messages += 1;
    sent.bytes += encoded.bytes.length;
    return peers.send(to, tag, encoded);
  },
});

/** Milliseconds by a clock that all processes of the machine share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Where messages take their time, whoever tells the others to begin would be ahead of them: so rank 0 says when. */
async function meet(group: Group, aheadMs: number): Promise<void> {
  await naive.barrier(group);
  const begin = (await naive.broadcast(group, Float64Array.of(now() + aheadMs)))[0]!;
  for (let left = begin - now(); left > 0; left = begin - now()) await setTimeout(left);
}

async function turn(bench: Bench, { collective, bytes, way, count }: Request): Promise<Turn> {
  const operation = operations[collective];
  const group = bench.groupFor(way, collective);
  const meeting = bench.groupFor("naive", collective);
  const { rank, size } = group;
  const input = inputOf(operation, rank, size, bytes);
  const expected = operation.expected(rank, size);
  const act = way === "naive" ? operation.naive : operation.fnmesh;
  const told = { begun: [] as number[], ended: [] as number[], messages: 0, bytes: 0, processorMs: 0 };
  for (let done = 0; done < count; done += 1) {
    await (bench.aheadMs === 0 ? naive.barrier(meeting) : meet(meeting, bench.aheadMs));
    const before = { ...bench.sent };
    const worked = process.cpuUsage();
    told.begun.push(now());
    const result = await act(group, input);
    told.ended.push(now());
    const { user, system } = process.cpuUsage(worked);
    told.processorMs += (user + system) / 1000 / count;
    told.messages += (bench.sent.messages - before.messages) / count;
    told.bytes += (bench.sent.bytes - before.bytes) / count;
    check(result, expected, bytes);
  }
  return told;
}
