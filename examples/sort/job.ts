// Sorts records of 100 bytes by their first ten, as TeraSort does: every worker sorts what it has, all agree on ranges
// by a sample, every worker sends every other one its range, and sorts what it got. Equal keys stay in the order of the
// input.

import { defineJob, FnmeshError, type Worker } from "fnmesh";
import * as v from "valibot";
import { sortRecords } from "./radix-sort.ts";
import { partsOf, samplesOf, samplingStep, splittersOf } from "./ranges.ts";
import { checksumOf, countOf, keyOf, makeRecords, recordBytes } from "./records.ts";

const wholeNumber = (most: number) => v.pipe(v.string(), v.digits(), v.transform(Number), v.maxValue(most));

/** For a job without input: how many records to make, from which seed, and how many per cent of them with one key. */
const params = v.strictObject({
  records: v.optional(wholeNumber(1e9), "100000"),
  seed: v.optional(wholeNumber(2 ** 32 - 1), "1"),
  equal: v.optional(wholeNumber(100), "0"),
});

type SortWorker = Worker<v.InferOutput<typeof params>>;

export default defineJob({
  name: "sort",
  params,
  async run(worker) {
    const input = await worker.stage("read", () => recordsFor(worker));
    const run = await worker.stage("sort", async () => sortRecords(input));
    const parts = await worker.stage("exchange", () => exchange(worker, run));
    const sorted = await worker.stage("merge", async () => sortRecords(Buffer.concat(parts)));
    const report = await worker.stage("check", () => check(worker, input, sorted));
    await worker.stage("write", () => worker.output.write(sorted));
    return report;
  },
});

/** This worker's part of the input, or of the records to be made. */
async function recordsFor(worker: SortWorker): Promise<Uint8Array> {
  const { rank, size, params } = worker;
  const bytes = Buffer.concat(await Promise.all(worker.input.map((split) => split.read())));
  const given = await worker.allReduce(bytes.length, "sum");
  if (given > 0) return checked(bytes);
  const first = (worker: number) => Math.floor((params.records * worker) / size);
  const source = { seed: params.seed, equalPercent: params.equal };
  return makeRecords(first(rank), first(rank + 1) - first(rank), source);
}

function checked(records: Uint8Array): Uint8Array {
  if (records.length % recordBytes === 0) return records;
  throw new FnmeshError(
    "INVALID_ARGUMENT",
    `${records.length} bytes are not records of ${recordBytes} bytes`,
    {
      hint: "Records end with a line feed and have no other, as those of `gensort -a`.",
    },
  );
}

/** What every worker has of this one's range. */
async function exchange(worker: SortWorker, run: Uint8Array): Promise<Uint8Array[]> {
  const { rank, size } = worker;
  const total = await worker.allReduce(countOf(run), "sum");
  const samples = await worker.gather(samplesOf(run, rank, samplingStep(total, size)));
  const splitters = await worker.broadcast(samples && splittersOf(samples, size));
  return await worker.allToAll(partsOf(run, rank, splitters, size));
}

/** That the same records are there, and in order from the first worker to the last. */
async function check(worker: SortWorker, input: Uint8Array, sorted: Uint8Array) {
  const count = countOf(sorted);
  const last = count === 0 ? "" : keyOf(sorted, count - 1);
  // A worker without records passes on the key of those before it.
  const before = (await worker.exscan(last, (left, right) => right || left)) ?? "";
  let inOrder = count === 0 || before <= keyOf(sorted, 0);
  for (let record = 1; record < count; record++) {
    inOrder &&= keyOf(sorted, record - 1) <= keyOf(sorted, record);
  }
  const [checksum, given, records, largest, allInOrder] = await Promise.all([
    worker.allReduce(checksumOf(sorted), "sum"),
    worker.allReduce(checksumOf(input), "sum"),
    worker.allReduce(count, "sum"),
    worker.allReduce(count, "max"),
    worker.allReduce(inOrder, "and"),
  ]);
  if (!allInOrder || checksum !== given) throw new Error("the records are not sorted, or not the same");
  const shareOfMean = records === 0 ? 1 : largest / (records / worker.size);
  return { records, checksum: checksum.toString(16), largestShareOfMean: shareOfMean };
}
