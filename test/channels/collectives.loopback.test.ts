// Every collective over real connections of each kind, in groups that a split made, against a sequential reference; and
// what becomes of it when a member leaves.

import type { Group, Worker } from "@fnmesh/core";
import { driver as redisDriver } from "@fnmesh/stores/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { redisKeeper } from "../../packages/stores/src/index.ts";
import { type StoreServer, startRedis } from "../../packages/stores/src/testing/servers.ts";
import { type Play, play, type Ways } from "./play.suite.ts";

let redis: StoreServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const channels: Readonly<Record<string, () => Ways>> = {
  direct: () => ({ channel: "direct" }),
  relay: () => ({ channel: "relay" }),
  redis: () => ({
    channel: "redis",
    settings: { redis: { url: redis.url } },
    drivers: { redis: redisDriver },
    keepers: [redisKeeper({ url: redis.url })],
  }),
};

/** In elements: empty, odd, and large enough for every algorithm, segments and several chunks among them. */
const lengths = [0, 1, 7, 1_000, 20_000, 40_000] as const;

const arrayOf = (rank: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => ((rank + 1) * 31 + index) % 1_000);
const combined = (values: readonly Float64Array[], combine: (left: number, right: number) => number) => {
  const result = values[0]!.slice();
  for (const value of values.slice(1)) {
    for (const [index, element] of value.entries()) result[index] = combine(result[index]!, element);
  }
  return result;
};
const sumOf = (values: readonly Float64Array[]) => combined(values, (left, right) => left + right);
/** What `from` gives to `to`: of every length there is, by and by. */
const partOf = (from: number, to: number): Float64Array =>
  arrayOf(from * 10 + to, lengths[(from + to) % (lengths.length - 1)]!);
const ranksOf = ({ size }: Group): number[] => Array.from({ length: size }, (_, rank) => rank);

/** Bytes are compared as bytes: element by element takes seconds. */
const isSame = (one: unknown, other: unknown): boolean => {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]));
  }
  if (!(one instanceof Float64Array && other instanceof Float64Array)) return one === other;
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytesOf(one).equals(bytesOf(other));
};

function same(what: string, { rank, size }: Group, result: unknown, expected: unknown): void {
  if (!isSame(result, expected)) throw new Error(`${what} of member ${rank} of ${size} is wrong`);
}

/** Every collective once, several of them under way at once. */
async function checkAll(group: Group): Promise<void> {
  const { rank, size } = group;
  const ranks = ranksOf(group);
  const root = size - 1;
  const at = (where: number, value: unknown) => (rank === where ? value : undefined);
  await Promise.all([
    ...lengths.map(async (length) => {
      const values = ranks.map((from) => arrayOf(from, length));
      const own = values[rank]!;
      const [sent, reduced, all, scanned, before] = await Promise.all([
        group.broadcast(at(root, own) as Float64Array | undefined, { root }),
        group.reduce(own, "sum", { root }),
        group.allReduce(own, "max"),
        group.scan(own, "sum"),
        group.exscan(own, "sum"),
      ]);
      same("broadcast", group, sent, values[root]);
      same("reduce", group, reduced, at(root, sumOf(values)));
      same("allReduce", group, all, combined(values, Math.max));
      same("scan", group, scanned, sumOf(values.slice(0, rank + 1)));
      same("exscan", group, before, rank === 0 ? undefined : sumOf(values.slice(0, rank)));
    }),
    group.barrier(),
  ]);
  const given = ranks.map((to) => partOf(rank, to));
  const [scattered, gathered, all, exchanged, words] = await Promise.all([
    group.scatter(at(root, given) as Float64Array[] | undefined, { root }),
    group.gather(partOf(rank, 0), { root }),
    group.allGather(partOf(rank, 1)),
    group.allToAll(given),
    group.reduceScatter(
      ranks.map((to) => `${rank}${to} `),
      (left, right) => left + right,
    ),
  ]);
  same("scatter", group, scattered, partOf(root, rank));
  same(
    "gather",
    group,
    gathered,
    at(
      root,
      ranks.map((from) => partOf(from, 0)),
    ),
  );
  same(
    "allGather",
    group,
    all,
    ranks.map((from) => partOf(from, 1)),
  );
  same(
    "allToAll",
    group,
    exchanged,
    ranks.map((from) => partOf(from, rank)),
  );
  same("reduceScatter", group, words, ranks.map((from) => `${from}${rank} `).join(""));
}

describe.each(Object.keys(channels))("over %s", (channel) => {
  const run = (workers: number, part: (worker: Worker, play: Play) => Promise<unknown>) =>
    play({ ...channels[channel]!(), workers, run: part });

  test("every collective gives what a sequential reference gives, in groups of 8, 5, 2 and 1", async () => {
    const { report } = await run(8, async (worker) => {
      const world = (await worker.split("all", -worker.rank))!;
      await checkAll(world);
      // 5 and 3 members, of which the 3 are one of 2 and one of 1; all groups at work at once.
      const half = await worker.split(worker.rank < 5 ? "low" : "high");
      const part = await half.split(worker.rank < 5 ? undefined : half.rank % 2);
      await Promise.all([checkAll(half), part === undefined ? undefined : checkAll(part)]);
      return [world.members, half.size];
    });
    expect(report.error).toBeNull();
    expect(report.result).toEqual([[7, 6, 5, 4, 3, 2, 1, 0], 5]);
  });

  test("messages of the user and of groups never meet, with any tag", async () => {
    const { report } = await run(4, async ({ rank, size, peers, split, allReduce, allGather }) => {
      const pair = await split(rank % 2);
      const sum = allReduce(rank, "sum");
      await pair.send(1 - pair.rank, "group's", { tag: 3 });
      await peers.send((rank + 1) % size, "user's", { tag: 3 });
      const first = await peers.receive({ tag: "any" });
      const second = await pair.receive({ tag: 3 });
      const more = await peers.receive({ tag: "any", timeoutMs: 50 }).catch((error) => error.code);
      return await allGather([first.value, first.from, second.value, second.from, more, await sum].join());
    });
    expect(report.error).toBeNull();
    const line = (rank: number) =>
      ["user's", (rank + 3) % 4, "group's", 1 - (rank >> 1), "DEADLINE", 6].join();
    expect(report.result).toEqual([0, 1, 2, 3].map(line));
  });

  test("a member that has finished is PEER_FINISHED for those who wait for it", async () => {
    const { report } = await run(3, async ({ rank, allReduce, broadcast }) => {
      await allReduce(1, "sum");
      if (rank === 1) return undefined;
      const codes = [allReduce(1, "sum"), broadcast(rank === 0 ? undefined : 1, { root: 1 })].map((part) =>
        part.catch((error) => error.code),
      );
      const told = await Promise.all(codes);
      return told;
    });
    expect(report.error).toBeNull();
    expect(report.result).toEqual(["PEER_FINISHED", "PEER_FINISHED"]);
  });

  test("a member that dies fails the job, and nobody waits for it", async () => {
    const { report } = await run(4, async ({ rank, allReduce }, { kill }) => {
      await allReduce(1, "sum");
      if (rank === 3) {
        kill(3);
        await new Promise(() => {});
      }
      await allReduce(1, "sum");
    });
    expect(report.job.status).toBe("failed");
  });

  test("arrays of different lengths fail the job with INVALID_ARGUMENT", async () => {
    const { report } = await run(4, async ({ rank, allReduce }) => {
      await allReduce(new Float64Array(rank === 2 ? 4_096 : 65_536), "sum");
    });
    expect(report.error).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
