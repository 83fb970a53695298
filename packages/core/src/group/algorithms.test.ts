// What the algorithms promise beyond the right answer: how much they send, and that nobody waits for ever.

import { describe, expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { measuredChoices } from "./choices.ts";
import type { Group } from "./group.ts";
import { createTeam, type Team, together } from "./team.suite.ts";

const MiB = 1024 * 1024;
const sizes = [2, 3, 16, 17] as const;

describe("what is sent", () => {
  it.each([2, 16, 33, 64])("a barrier of %i takes at most log2 rounds", async (size) => {
    const team = createTeam({ size });
    const rounds = Math.ceil(Math.log2(size));
    await together(team, (group) => group.barrier());
    if (measuredChoices.barrier(size) === "dissemination") {
      // One message each round.
      expect(team.sent.map(({ messages }) => messages)).toEqual(Array(size).fill(rounds));
      return;
    }
    // Two rounds: one message from each to rank 0, one from rank 0 to each.
    const messages = team.sent.map((sent) => sent.messages);
    expect(messages).toEqual([size - 1, ...Array(size - 1).fill(1)]);
  });

  it("a barrier of 64 keeps everybody until the last one has come", async () => {
    const team = createTeam({ size: 64 });
    let come = 0;
    await together(team, async (group) => {
      for (let turn = 0; turn < group.rank; turn += 1) await Promise.resolve();
      come += 1;
      await group.barrier();
      expect(come).toBe(64);
    });
  });

  it.each([8, 16])("allReduce of 4 MiB by %i sends at most 1.1 times the least bytes", async (size) => {
    const team = createTeam({ size });
    const [first] = await together(team, ({ rank, allReduce }) =>
      allReduce(new Float64Array((4 * MiB) / 8).fill(rank), "sum"),
    );
    expect(first!.at(-1)).toBe((size * (size - 1)) / 2);
    const least = ((2 * (size - 1)) / size) * 4 * MiB;
    for (const { bytes } of team.sent) expect(bytes).toBeLessThanOrEqual(1.1 * least);
  });

  it("between small and large values go down and up a tree: nobody sends them more often than it has levels", async () => {
    const values = 64 * 1024;
    const small = 1024;
    const acts: Readonly<Record<string, (group: Group, array: Float64Array) => Promise<unknown>>> = {
      broadcast: (group, array) => group.broadcast(group.rank === 5 ? array : undefined, { root: 5 }),
      reduce: (group, array) => group.reduce(array, "sum", { root: 5 }),
      allReduce: (group, array) => group.allReduce(array, (left: number, right: number) => left + right),
      scan: (group, array) => group.scan(array, "sum"),
    };
    for (const [name, act] of Object.entries(acts)) {
      const team = createTeam({ size: 16 });
      await together(team, (group) => act(group, new Float64Array(values / 8).fill(group.rank)));
      const most = Math.max(...team.sent.map(({ bytes }) => bytes));
      expect(most, name).toBeLessThanOrEqual((name === "allReduce" ? 5 : 4) * values + small);
    }
  });

  it("small values of a large group take messages by the logarithm of its size", async () => {
    const log = Math.ceil(Math.log2(100));
    const acts: readonly ((group: Group) => Promise<unknown>)[] = [
      (group) => group.broadcast(group.rank === 0 ? "a" : undefined),
      (group) => group.gather("a"),
      (group) => group.allGather(1),
      (group) => group.allReduce(1, "sum"),
      (group) => group.scan(1, "sum"),
      (group) => group.allToAll(Array(100).fill(1)),
      (group) => group.barrier(),
    ];
    for (const act of acts) {
      const team = createTeam({ size: 100 });
      await together(team, act);
      for (const { messages } of team.sent) expect(messages).toBeLessThanOrEqual(2 * log);
    }
  });
});

/** Codes with which the members' parts ended; "none" where one resolved. Fails the test when somebody waits for ever. */
async function codesOf(team: Team, act: (group: Group) => Promise<unknown>): Promise<string[]> {
  return await together(team, (group) =>
    act(group).then(
      () => "none",
      (error: FnmeshError) => error.code,
    ),
  );
}

const collectives: Readonly<Record<string, (group: Group, value: Float64Array) => Promise<unknown>>> = {
  barrier: (group) => group.barrier(),
  broadcast: (group, value) => group.broadcast(group.rank === 0 ? value : undefined),
  scatter: (group, value) => group.scatter(group.rank === 0 ? Array(group.size).fill(value) : undefined),
  gather: (group, value) => group.gather(value),
  allGather: (group, value) => group.allGather(value),
  reduce: (group, value) => group.reduce(value, "sum"),
  allReduce: (group, value) => group.allReduce(value, "sum"),
  reduceScatter: (group, value) => group.reduceScatter(Array(group.size).fill(value), "sum"),
  scan: (group, value) => group.scan(value, "sum"),
  allToAll: (group, value) => group.allToAll(Array(group.size).fill(value)),
};
/** Rank 0 needs nobody for these, and the last rank nobody but its neighbour. */
const oneWay = ["broadcast", "scatter", "gather", "reduce", "scan"];

describe.each(["PEER_FINISHED", "PEER_LOST"] as const)(
  "a member that leaves with %s instead of taking part",
  (code) => {
    describe.each([8, 300_000])("for values of %i bytes", (bytes) => {
      it.each(Object.keys(collectives))("%s rejects on those who need it", async (name) => {
        for (const size of sizes) {
          for (const absent of [0, size - 1]) {
            const team = createTeam({ size });
            // Whoever is told leaves too, as a worker does whose job throws.
            const codes = await codesOf(team, async (group) => {
              if (group.rank === absent) return await team.leave(absent, code);
              return await collectives[name]!(group, new Float64Array(bytes / 8)).catch(async (error) => {
                await team.leave(group.rank, code);
                throw error;
              });
            });
            const told = codes.filter((_, rank) => rank !== absent && codes[rank] !== "none");
            expect(new Set(told).size).toBeLessThanOrEqual(1);
            const isNeeded =
              !oneWay.includes(name) || (absent === 0) === ["broadcast", "scatter", "scan"].includes(name);
            if (isNeeded) expect(told[0]).toBe(code);
          }
        }
      });
    });
  },
);

describe("arrays of different lengths are INVALID_ARGUMENT, whatever algorithm each length would take:", () => {
  /** Halves, sixteenths and segments of the longer ones are as long as others. */
  const short = [0, 1, 1_024, 16_384, 65_536];
  const reductions = ["reduce", "allReduce", "reduceScatter", "scan"] as const;

  /** The first error, as the job would report it; then the job ends. */
  async function firstError(team: Team, act: (group: Group) => Promise<unknown>): Promise<unknown> {
    const parts = team.groups.map(act);
    const first = await Promise.all(parts).catch((error) => error);
    team.end();
    await Promise.allSettled(parts);
    return first;
  }

  it.each(reductions)("%s", async (name) => {
    // Lists have so many for each member: shorter ones are of all sorts already.
    const lengths = name === "reduceScatter" ? short : [...short, 4_096];
    for (const size of [3, 16, 17]) {
      for (const usual of lengths) {
        for (const unusual of lengths.filter((length) => length !== usual)) {
          for (const odd of [0, size - 1]) {
            const team = createTeam({ size });
            const error = await firstError(team, (group) =>
              collectives[name]!(group, new Float64Array(group.rank === odd ? unusual : usual)),
            );
            expect(error, `${size} members, ${usual} and ${unusual} elements`).toMatchObject({
              code: "INVALID_ARGUMENT",
            });
          }
        }
      }
    }
  });

  it("and so are an array and a number", async () => {
    for (const size of [2, 16, 17]) {
      const team = createTeam({ size });
      const error = await firstError(team, (group) =>
        group.allReduce((group.rank === 1 ? 5 : new Float64Array(70_000)) as Float64Array, "sum"),
      );
      expect(error).toBeInstanceOf(FnmeshError);
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });
});

describe("what is wrong before anything is sent is INVALID_ARGUMENT", () => {
  it.each<[string, (group: Group) => Promise<unknown>]>([
    ["a root that there is not", (group) => group.broadcast(1, { root: 3 })],
    ["a root that is no whole number", (group) => group.gather(1, { root: 0.5 })],
    ["too few parts", (group) => group.allToAll([1, 2])],
    ["no parts", (group) => group.scatter(undefined, { root: group.rank })],
    ["an operation that there is not", (group) => group.allReduce(1, "average" as "sum")],
    ["a sum of strings", (group) => group.allReduce("a", "sum" as never)],
    ["a member that there is not", (group) => group.send(3, "hello")],
    ["a tag that is none", (group) => group.send(0, "hello", { tag: 65_536 })],
  ])("%s", async (_what, act) => {
    const team = createTeam({ size: 3 });
    const codes = codesOf(team, act);
    await new Promise(setImmediate);
    for (const rank of [0, 1, 2]) void team.leave(rank, "PEER_FINISHED");
    expect(await codes).toContain("INVALID_ARGUMENT");
  });
});
