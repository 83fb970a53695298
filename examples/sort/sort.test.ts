import fc from "fast-check";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import job from "./job.ts";
import { sortRecords } from "./radix-sort.ts";
import { mostRecords, partsOf, samplesOf, samplingStep, splittersOf } from "./ranges.ts";
import { checksumOf, countOf, keyBytes, makeRecords, type RecordSource, recordBytes } from "./records.ts";
import { plainlySorted } from "./testing/naive.ts";

const seed = fc.nat();
const equalPercent = fc.constantFrom(0, 30, 100);

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** So many records for each worker, one after another. */
const partsOfInput = (counts: readonly number[], source: RecordSource) =>
  counts.map((count, rank) => makeRecords(sumOf(counts.slice(0, rank)), count, source));

function withKeys(keys: readonly string[], seed: number): Buffer {
  const records = Buffer.from(makeRecords(0, keys.length, { seed, equalPercent: 0 }));
  for (const [index, key] of keys.entries()) records.write(key, index * recordBytes, "latin1");
  return records;
}

describe("records", () => {
  it("are the same whoever makes them", () => {
    fc.assert(
      fc.property(seed, equalPercent, fc.array(fc.nat(40)), (seed, equalPercent, counts) => {
        const source = { seed, equalPercent };
        const parts = partsOfInput(counts, source);
        const whole = makeRecords(0, sumOf(counts), source);
        expect(Buffer.concat(parts).equals(whole)).toBe(true);
        expect(parts.reduce((sum, part) => sum + checksumOf(part), 0n)).toBe(checksumOf(whole));
      }),
    );
  });

  it("are lines of 100 bytes, with a key of printable characters and their number", () => {
    const lines = Buffer.from(makeRecords(254, 2, { seed: 1, equalPercent: 0 }))
      .toString("latin1")
      .split("\r\n");
    expect(lines.length).toBe(3);
    expect(lines[0]).toMatch(/^[ -~]{10} {2}0{30}FE {2}([A-Z])\1{51}$/);
    expect(lines[1]).toMatch(/^[ -~]{10} {2}0{30}FF {2}([A-Z])\1{51}$/);
  });

  it("have another checksum when one byte differs", () => {
    const records = makeRecords(0, 20, { seed: 7, equalPercent: 0 });
    const before = checksumOf(records);
    records[1234]! ^= 1;
    expect(checksumOf(records)).not.toBe(before);
  });
});

describe("the radix sort", () => {
  it("looks at every byte of a key, and at no other", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b"), minLength: keyBytes, maxLength: keyBytes });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 40 }), seed, (keys, seed) => {
        const records = withKeys(keys, seed);
        expect(plainlySorted(records).equals(sortRecords(records))).toBe(true);
      }),
    );
    for (let byte = 0; byte < keyBytes; byte++) {
      const records = withKeys([`${"a".repeat(byte)}b`.padEnd(keyBytes, "a"), "a".repeat(keyBytes)], byte);
      expect(plainlySorted(records).equals(sortRecords(records))).toBe(true);
    }
  });

  it("gives what a plain stable sort gives", () => {
    fc.assert(
      fc.property(fc.nat(300), seed, equalPercent, (count, seed, equalPercent) => {
        const records = makeRecords(0, count, { seed, equalPercent });
        expect(plainlySorted(records).equals(sortRecords(records))).toBe(true);
      }),
    );
  });
});

/** What the workers do, one after another. */
function sortInParts(inputs: readonly Uint8Array[]): Uint8Array[] {
  const total = sumOf(inputs.map(countOf));
  const runs = inputs.map(sortRecords);
  const step = samplingStep(total, runs.length);
  const samples = runs.map((run, rank) => samplesOf(run, rank, step));
  const splitters = splittersOf(samples, runs.length);
  const parts = runs.map((run, rank) => partsOf(run, rank, splitters, runs.length));
  return runs.map((_, range) => sortRecords(Buffer.concat(parts.map((part) => part[range]!))));
}

describe("the ranges", () => {
  it("make one sorted whole, stable, and no larger than promised, however uneven the input and its keys", () => {
    const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(900)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(counts, seed, equalPercent, (counts, seed, equalPercent) => {
        const inputs = partsOfInput(counts, { seed, equalPercent });
        const sorted = sortInParts(inputs);
        expect(plainlySorted(Buffer.concat(inputs)).equals(Buffer.concat(sorted))).toBe(true);
        for (const part of sorted)
          expect(countOf(part)).toBeLessThanOrEqual(mostRecords(sumOf(counts), counts.length));
      }),
    );
  });

  it("spread a key that all records have", () => {
    const inputs = [0, 1, 2, 3].map((rank) =>
      makeRecords(rank * 5_000, 5_000, { seed: 1, equalPercent: 100 }),
    );
    for (const part of sortInParts(inputs)) expect(Math.abs(countOf(part) - 5_000)).toBeLessThan(500);
  });
});

describe("the job", () => {
  it.each([0, 1, 2, 400])("sorts %i records on 5 workers", async (records) => {
    const { result, outputParts } = await runJob(job, {
      workers: 5,
      params: { records: String(records), equal: "40" },
    });
    const input = makeRecords(0, records, { seed: 1, equalPercent: 40 });
    expect(Buffer.concat(outputParts).equals(plainlySorted(input))).toBe(true);
    expect(result).toMatchObject({ records, checksum: checksumOf(input).toString(16) });
  });

  it("refuses an input of anything else, and parameters that it does not have", async () => {
    for (const options of [
      { input: ["no record\n"] },
      { params: { records: "-1" } },
      { params: { size: "1" } },
    ])
      await expect(runJob(job, { workers: 2, ...options })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
  });
});
