import { describe, expect, it } from "vitest";
import { packList } from "./lists.ts";
import type { NumericArray } from "./operation.ts";
import { createTeam, together } from "./team.suite.ts";

const bytesOf = (values: readonly unknown[]) => Buffer.from(packList(values)!.part.bytes);

describe("a list of arrays", () => {
  it("is packed alike whether the arrays lie in one memory or not", () => {
    const whole = Int32Array.of(1, 2, 3, 4, 5, 6);
    const inOne = [whole.subarray(0, 2), whole.subarray(2, 2), whole.subarray(2, 6)];
    const apart = [Int32Array.of(1, 2), new Int32Array(0), Int32Array.of(3, 4, 5, 6)];
    const swapped = [inOne[2]!, inOne[1]!, inOne[0]!];
    expect(bytesOf(inOne)).toEqual(bytesOf(apart));
    expect(bytesOf(swapped)).toEqual(bytesOf([...apart].reverse()));
    expect(packList(inOne)!.lengths).toEqual([2, 0, 4]);
  });

  it("is none where types differ, or something is no array", () => {
    expect(packList([Int32Array.of(1), Uint32Array.of(1)])).toBeUndefined();
    expect(packList([Int32Array.of(1), 1])).toBeUndefined();
    expect(packList(["a"])).toBeUndefined();
  });
});

describe("reduceScatter of small arrays", () => {
  const reduced = (partsOf: (rank: number) => readonly NumericArray[]) => {
    const team = createTeam({ size: 3 });
    const parts = team.groups.map((group) => group.reduceScatter(partsOf(group.rank), "sum" as never));
    return Promise.all(parts).finally(() => {
      team.end();
      return Promise.allSettled(parts);
    });
  };

  it("leaves what was given as it was, and gives each memory of its own", async () => {
    const team = createTeam({ size: 3 });
    const given = team.groups.map(({ rank }) => [0, 1, 2].map((to) => Float32Array.of(rank, to)));
    const results = await together(team, (group) => group.reduceScatter(given[group.rank]!, "sum"));
    expect(results).toEqual([0, 1, 2].map((to) => Float32Array.of(3, 3 * to)));
    expect(given[0]![2]).toEqual(Float32Array.of(0, 2));
    expect(results[0]!.byteLength).toBe(results[0]!.buffer.byteLength);
  });

  it("is INVALID_ARGUMENT where members cut their lists in another way, though all are as long", async () => {
    const cuts = [
      [1, 3, 2],
      [3, 1, 2],
      [1, 3, 2],
    ];
    const result = reduced((rank) => cuts[rank]!.map((length) => new Float64Array(length)));
    await expect(result).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it.each([0, 1])(
    "is INVALID_ARGUMENT where member %i brings several types, and the others one",
    async (odd) => {
      const result = reduced((rank) =>
        [1, 2, 3].map((length) =>
          rank === odd && length === 2 ? new Int8Array(2) : new Float64Array(length),
        ),
      );
      await expect(result).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    },
  );
});
