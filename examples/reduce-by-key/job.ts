// Counts the words of any number of text files. A word is a maximal run of ASCII letters, lower-cased. Each worker
// counts the words of its part of the input, sends every other worker the counts of the words that are that worker's
// to add up, and writes its own: lines `word<TAB>count`, in byte order over all workers.

import { defineJob, FnmeshError, type Worker } from "fnmesh";
import { allToAll, broadcast, gather } from "./exchange.ts";
import { linesOf } from "./lines.ts";
import { decodeWords, encodePartitions, encodeWords, mergePartition } from "./messages.ts";
import { sampleOf, splittersOf, type Words } from "./splitters.ts";
import { decodeSummary, encodeSummary, joinSummaries, type Summary, summaryOf } from "./summary.ts";
import { readWords } from "./word-reader.ts";
import { WordTable } from "./word-table.ts";

/** Messages of one kind between two workers come in order; each kind has its tag. */
const tags = { sample: 1, splitters: 2, counts: 3, summary: 4 } as const;

const presetTop = 10;
/** The list is part of the job's result, which is one JSON document. */
const mostTop = 1_000;

export default defineJob({
  name: "reduce-by-key",
  async run(worker): Promise<Summary | undefined> {
    const top = topOf(worker.params);
    const counts = await worker.stage("map", () => countInput(worker));
    const splitters = await worker.stage("sample", () => agreeOnSplitters(worker, counts));
    const parts = await worker.stage("shuffle", () => shuffle(worker, counts, splitters));
    const mine = await worker.stage("reduce", async () => merge(parts));
    await worker.stage("sort", () => writeSorted(worker, mine));

    const summaries = await gather(worker, encodeSummary(summaryOf(mine, top)), tags.summary);
    return worker.rank === 0 ? joinSummaries(summaries.map(decodeSummary), top) : undefined;
  },
});

function topOf({ top = String(presetTop) }: Worker["params"]): number {
  const count = Number(top);
  if (/^\d+$/.test(top) && count <= mostTop) return count;
  throw new FnmeshError("INVALID_ARGUMENT", `the parameter top=${top} is not a number of words`, {
    hint: `Give a whole number from 0 to ${mostTop}, as in --param top=${presetTop}.`,
  });
}

/** Counts this worker's words, and connects to the others meanwhile: the shuffle will need them all. */
async function countInput(worker: Worker): Promise<WordTable> {
  const table = new WordTable();
  await Promise.all([readInput(worker, table), worker.peers.connectAll({ signal: worker.signal })]);
  return table;
}

async function readInput(worker: Worker, table: WordTable): Promise<void> {
  const total = worker.input.reduce((sum, split) => sum + split.bytes, 0);
  const reader = readWords(table);
  let done = 0;
  for (const split of worker.input) {
    for await (const chunk of split.chunks()) {
      reader.push(chunk);
      done += chunk.length;
      worker.progress(done, total);
    }
    reader.end();
  }
}

/** Rank 0 looks at a sample of everybody's words and says where the ranges begin. */
async function agreeOnSplitters(worker: Worker, counts: WordTable): Promise<Words> {
  const samples = await gather(worker, encodeWords(sampleOf(counts)), tags.sample);
  const chosen = splittersOf(samples.flatMap(decodeWords), worker.size);
  return decodeWords(await broadcast(worker, encodeWords(chosen), tags.splitters));
}

/** The counts of this worker's words, as every worker has them. */
function shuffle(worker: Worker, counts: WordTable, splitters: Words): Promise<readonly Uint8Array[]> {
  const partitions = encodePartitions(counts, splitters, worker.size);
  return allToAll(worker, partitions, tags.counts, (done, total) => worker.progress(done, total));
}

function merge(parts: readonly Uint8Array[]): WordTable {
  const table = new WordTable();
  for (const part of parts) mergePartition(table, part);
  return table;
}

async function writeSorted({ output }: Worker, counts: WordTable): Promise<void> {
  for (const block of linesOf(counts)) await output.write(block);
}
