// Groups: who is in them, and that they do not hear each other.

import { describe, expect, it } from "vitest";
import type { Group } from "./group.ts";
import { createTeam, together } from "./team.suite.ts";

const membersOf = (group: Group | undefined) => group?.members;

describe("split", () => {
  it("makes a group of those who give one colour, by key and then by rank", async () => {
    const team = createTeam({ size: 7 });
    const groups = await together(team, async (group) =>
      membersOf(await group.split(group.rank % 2 === 0 ? "even" : 7, group.rank === 4 ? -1 : 0)),
    );
    const [even, odd] = [
      [4, 0, 2, 6],
      [1, 3, 5],
    ];
    expect(groups).toEqual([even, odd, even, odd, even, odd, even]);
  });

  it("gives no group to whom gives no colour", async () => {
    const team = createTeam({ size: 5 });
    const groups = await together(team, async (group) =>
      membersOf(await group.split((group.rank > 1 ? undefined : "pair") as string)),
    );
    expect(groups).toEqual([[0, 1], [0, 1], undefined, undefined, undefined]);
  });

  it("does not take the number 1 for the text 1", async () => {
    const team = createTeam({ size: 4 });
    const groups = await together(team, async (group) =>
      membersOf(await group.split(group.rank < 2 ? 1 : "1")),
    );
    expect(groups).toEqual([
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
    ]);
  });

  it("nests: members keep their ranks in the job", async () => {
    const team = createTeam({ size: 8 });
    const found = await together(team, async (group) => {
      const half = await group.split(group.rank >> 2, -group.rank);
      const quarter = await half.split(half.rank >> 1);
      return { members: quarter.members, all: await quarter.allGather(group.rank) };
    });
    expect(found[7]).toEqual({ members: [7, 6], all: [7, 6] });
    expect(found[0]).toEqual({ members: [1, 0], all: [1, 0] });
    for (const { members, all } of found) expect(all).toEqual(members);
  });

  it("keeps groups apart that were split at once, in any group, and all of them work at once", async () => {
    const team = createTeam({ size: 6, seed: 3 });
    const sums = await together(team, async (group) => {
      const [thirds, halves, everybody] = await Promise.all([
        group.split(group.rank % 3),
        group.split(group.rank % 2),
        group.split("all"),
      ]);
      const inner = await halves.split(halves.rank);
      const groups = [group, thirds, halves, everybody, inner];
      return await Promise.all(groups.map((each) => each.allReduce(10 ** group.rank, "sum")));
    });
    expect(sums[0]).toEqual([111_111, 1_001, 10_101, 111_111, 1]);
    expect(sums[5]).toEqual([111_111, 100_100, 101_010, 111_111, 100_000]);
  });
});

describe("messages of a group", () => {
  it("reach nobody outside of it, whatever their tag, and know their sender by its rank in the group", async () => {
    const team = createTeam({ size: 4 });
    const heard = await together(team, async (group) => {
      const pair = await group.split(group.rank % 2, -group.rank);
      await Promise.all([
        group.send((group.rank + 1) % 4, "all", { tag: 5 }),
        pair.send(1 - pair.rank, "pair", { tag: 5 }),
      ]);
      const [one, other] = await Promise.all([pair.receive({ tag: 5 }), group.receive({ tag: 5 })]);
      return [one.value, one.from, other.value, other.from];
    });
    expect(heard).toEqual([
      ["pair", 0, "all", 3],
      ["pair", 0, "all", 0],
      ["pair", 1, "all", 1],
      ["pair", 1, "all", 2],
    ]);
  });

  it("come beside collectives and streams, each in its order", async () => {
    const team = createTeam({ size: 3 });
    await together(team, async (group) => {
      const next = (group.rank + 1) % 3;
      const last = (group.rank + 2) % 3;
      const sum = group.allReduce(1, "sum");
      const stream = group.openStream(next, { tag: 1 });
      await stream.write(Uint8Array.of(1, 2));
      await group.send(next, "message", { tag: 1 });
      await stream.write(Uint8Array.of(3));
      await stream.end();
      const chunks: number[] = [];
      for await (const chunk of group.readStream(last, { tag: 1 })) chunks.push(...chunk);
      expect(chunks).toEqual([1, 2, 3]);
      expect(await group.receive({ from: last, tag: 1 })).toMatchObject({ value: "message", from: last });
      expect(await sum).toBe(3);
    });
  });

  it("can be given up", async () => {
    const team = createTeam({ size: 2 });
    const over = AbortSignal.abort(new Error("enough"));
    await expect(team.groups[0]!.receive({ signal: over })).rejects.toThrow("enough");
    await expect(team.groups[0]!.send(1, "x", { signal: over })).rejects.toThrow("enough");
  });
});

it("more than eight thousand operations of a group may follow each other", { timeout: 20_000 }, async () => {
  const team = createTeam({ size: 2 });
  const sums = await together(team, async (group) => {
    let sum = 0;
    for (let turn = 0; turn < 8_200; turn += 1)
      sum += await group.exscan(1, "sum").then((before = 0) => before);
    return sum;
  });
  expect(sums).toEqual([0, 8_200]);
});
