import { describe, expect, test } from "vitest";
import { type KeyKind, keyMaker } from "./keys.ts";
import { at, recordWords } from "./record.ts";
import type { Reduced } from "./reduced.ts";
import { map, reduce } from "./round.ts";
import { digestOf, joinDigests, type RoundTally, wrongWith } from "./tally.ts";

const workers = 5;
const records = 400;
const text = "Call me Ishmael. Some years ago - never mind how long precisely - having little or no money";

type Parts = readonly (readonly Uint32Array[])[];

/** Plays the rounds of all workers; `spoil` may change what goes over the wire. */
function play(
  kind: KeyKind,
  rounds: number,
  spoil: (parts: Parts, round: number) => Parts = (parts) => parts,
) {
  const keys = keyMaker(kind, text);
  const tallies: RoundTally[][] = Array.from({ length: workers }, () => []);
  const last: (Reduced | undefined)[] = Array.from({ length: workers });
  for (let round = 0; round < rounds; round += 1) {
    const mapped = last.map((table, rank) =>
      map({ workers, rank, seed: 7, round, records, keys, last: table }),
    );
    const sent = spoil(
      mapped.map(({ parts }) => parts),
      round,
    );
    for (let rank = 0; rank < workers; rank += 1) {
      const { table, reduced, strays } = reduce(
        sent.map((parts) => parts[rank]!),
        rank,
      );
      tallies[rank]!.push({ made: mapped[rank]!.made, reduced, strays, sentBytes: 0 });
      last[rank] = table;
    }
  }
  return { tallies, tables: last as Reduced[], digest: joinDigests((last as Reduced[]).map(digestOf)) };
}

describe.each(["uniform", "zipf", "text"] as const)("a reduce-by-key of %s keys", (kind) => {
  test("comes out as the plainest way to do it", () => {
    const keys = keyMaker(kind, text);
    const expected = new Map<string, number>();
    for (let rank = 0; rank < workers; rank += 1) {
      const { parts } = map({ workers, rank, seed: 7, round: 0, records, keys, last: undefined });
      for (const part of parts) {
        for (let offset = 0; offset < part.length; offset += recordWords) {
          const key = `${part[offset + at.keyLow]} ${part[offset + at.keyHigh]}`;
          expected.set(key, (expected.get(key) ?? 0) + part[offset + at.value]!);
        }
      }
    }
    const { tables, tallies } = play(kind, 1);
    const got = tables.flatMap(({ size, lows, highs, sums }) =>
      Array.from({ length: size }, (_, place) => [`${lows[place]} ${highs[place]}`, sums[place]!] as const),
    );
    expect(got).toHaveLength(expected.size);
    expect(new Map(got)).toEqual(expected);
    expect(wrongWith(tallies)).toBeUndefined();
  });

  test("keeps its volume from round to round, and its result depends on every round", () => {
    const { tallies, digest } = play(kind, 3);
    expect(wrongWith(tallies)).toBeUndefined();
    for (const own of tallies)
      expect(own.map(({ made }) => made.records)).toEqual([records, records, records]);
    expect(play(kind, 3).digest).toBe(digest);
    expect(play(kind, 2).digest).not.toBe(digest);
  });
});

describe("a wrong result", () => {
  const spoilt = (change: (parts: Uint32Array[][]) => void) =>
    wrongWith(
      play("uniform", 2, (parts, round) => {
        const copy = parts.map((own) => own.map((part) => part.slice()));
        if (round === 1) change(copy);
        return copy;
      }).tallies,
    );

  test("shows when a message is lost", () => {
    expect(spoilt((parts) => (parts[1]![2] = new Uint32Array(0)))).toContain("round 2: records");
  });

  test("shows when a message comes twice instead of another", () => {
    expect(
      spoilt((parts) => {
        const [one, other] = [parts[0]![3]!, parts[1]![3]!];
        const length = Math.min(one.length, other.length);
        other.set(one.subarray(0, length));
      }),
    ).toContain("round 2: hashes");
  });

  test("shows when one bit of a payload is wrong", () => {
    expect(spoilt((parts) => (parts[4]![0]![24]! ^= 1))).toContain("round 2: hashes");
  });

  test("shows when messages go to the wrong worker", () => {
    const swap = (own: Uint32Array[]) => ([own[0], own[1]] = [own[1]!, own[0]!]);
    expect(spoilt((parts) => void parts.map(swap))).toContain("wrong worker");
  });
});

test("zipf keys: the first is about 5 % of all, and a tenth of it the tenth", () => {
  const keys = keyMaker("zipf", "");
  const counts = new Map<number, number>();
  const key = { low: 0, high: 0 };
  for (let index = 0; index < 200_000; index += 1) {
    keys(Math.floor((index / 200_000) * 2 ** 32), 0, key);
    counts.set(key.high, (counts.get(key.high) ?? 0) + 1);
  }
  expect(counts.get(1)! / 200_000).toBeCloseTo(Math.log(2) / Math.log(1_000_001), 3);
  expect(counts.get(1)! / counts.get(10)!).toBeCloseTo(Math.log(2) / Math.log(1.1), 0);
});
