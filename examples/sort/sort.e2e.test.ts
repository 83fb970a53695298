// The job as a user runs it: sorted as a plain sort does it, and shared out evenly.

import { expect, it } from "vitest";
import { runExample } from "../testing/run-example.ts";
import { mostRecords } from "./ranges.ts";
import { checksumOf, makeRecords } from "./records.ts";
import { plainlySorted } from "./testing/naive.ts";

interface Result {
  readonly records: number;
  readonly checksum: string;
  readonly largestShareOfMean: number;
}

const records = 20_000;
const most = mostRecords(records, 4) / (records / 4);

it("sorts the records that it makes, half of them with one key", async () => {
  const wanted = makeRecords(0, records, { seed: 3, equalPercent: 50 });
  const { result, output, stages } = await runExample<Result>("sort", {
    params: { records, seed: 3, equal: 50 },
  });
  expect(output.equals(plainlySorted(wanted))).toBe(true);
  expect(result).toMatchObject({ records, checksum: checksumOf(wanted).toString(16) });
  expect(result.largestShareOfMean).toBeLessThanOrEqual(most);
  expect(stages).toEqual(["read", "sort", "exchange", "merge", "check", "write"]);
});

it("sorts files", async () => {
  const input = makeRecords(5, records, { seed: 9, equalPercent: 0 });
  const cut = 123 * 100;
  const { result, output } = await runExample<Result>("sort", {
    input: { "a.txt": input.subarray(0, cut), "b.txt": input.subarray(cut) },
  });
  expect(output.equals(plainlySorted(input))).toBe(true);
  expect(result.largestShareOfMean).toBeLessThanOrEqual(most);
});
