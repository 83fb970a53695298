// Workers of 128 MB sort, group and add up rows that take many times what they have: by the command, whose workers are
// ended when they take more.

import { describe, expect, test } from "vitest";
import type { LargeSums } from "./support/large-rows.ts";
import { runJob } from "./support/run-job.ts";
import { isFull } from "./support/size.ts";

const workers = 2;
const memoryMb = 128;
const rowBytes = 1000;
/** Of text alone, for each worker: as much as its whole memory, of which its rows may have a thirtieth; or ten times. */
const partitionBytes = memoryMb * 1024 * 1024 * (isFull ? 10 : 1);
/** Of text in one group, all of which is in memory at once. */
const largeGroupBytes = 2_600_000;
const rows = Math.ceil((partitionBytes * workers) / rowBytes);

/** As the job makes them. */
function checksumOf(rows: number): number {
  let sum = 0;
  for (let number = 0; number < rows; number += 1)
    sum = (sum + (Math.imul(number ^ (number >>> 15), 0x9e3779b1) >>> 0)) % 2 ** 32;
  return sum;
}

describe(`with ${memoryMb} MB`, () => {
  test.each([
    ["sort", rows, 0],
    ["group", rows, 10_000],
    ["group", rows, Math.ceil((rows * rowBytes) / largeGroupBytes)],
    ["groupMany", rows, 0],
    ["reduce", isFull ? 5_000_000 : 1_000_000, 0],
  ] as const)(
    "a worker can %s (%i rows, %i groups)",
    async (work, rows, groups) => {
      const params = { work, rows, bytes: rowBytes, groups };
      const sums = await runJob<LargeSums>("large-rows.ts", { workers, memoryMb, params });
      expect(sums).toEqual({ rows, checksum: checksumOf(rows), misplaced: 0 });
    },
    300_000,
  );
});
