import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedRuns } from "./runs.ts";

type Row = readonly [key: number, place: number];
const byKey = ([left]: Row, [right]: Row): number => left - right;
/** Of keys, in the order in which they came. */
const rowsOf = (keys: readonly number[]): Row[] => keys.map((key, place) => [key, place]);

/** All rows in runs of these lengths, and the last of them after those. */
function merged(rows: readonly Row[], lengths: readonly number[], budget: number): Row[] {
  const runs = new SortedRuns<Row>(byKey, budget);
  let at = 0;
  for (const length of lengths) {
    const run = rows.slice(at, at + length);
    runs.add([...run], run.length * 40);
    at += length;
  }
  const all = [...runs.merged([...rows.slice(at)].sort(byKey))];
  runs.close();
  runs.close();
  return all;
}

describe("sorted runs", () => {
  it("come together as one stable order, whatever their lengths and the memory for them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(20), { maxLength: 300 }),
        fc.array(fc.nat(40), { maxLength: 20 }),
        fc.constantFrom(0, 5_000, 2 ** 30),
        (keys, lengths, budget) => {
          const rows = rowsOf(keys);
          expect(merged(rows, lengths, budget)).toEqual([...rows].sort(byKey));
        },
      ),
    );
  });

  it.each([31, 32, 33, 64, 1023, 1024, 1100])("%i of them keep the order of equal rows", (count) => {
    const rows = rowsOf(Array.from({ length: 2 * count + 1 }, (_, index) => (index * 7919) % 5));
    expect(merged(rows, Array(count).fill(2), 10_000)).toEqual([...rows].sort(byKey));
  });

  it("are none without rows, and read as often as wanted", () => {
    const runs = new SortedRuns<Row>(byKey, 1000);
    runs.add([], 0);
    expect(runs.isEmpty).toBe(true);
    runs.add(rowsOf([2, 1]), 80);
    expect(runs.isEmpty).toBe(false);
    for (let time = 0; time < 2; time += 1) {
      expect([...runs.merged([[1, 2]])]).toEqual([
        [1, 1],
        [1, 2],
        [2, 0],
      ]);
    }
    runs.close();
    expect(runs.isEmpty).toBe(true);
  });
});
