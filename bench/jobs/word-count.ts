// Words counted in three ways, each between two barriers: by hand, as examples/reduce-by-key has it, and with datasets,
// by `words()` and by `text().flatMap(…)`. All write the counts in order.

import { datasets, defineJob, type RuntimeWorker } from "fnmesh";
import byHand from "../../examples/reduce-by-key/job.ts";

export interface WordCountTold {
  readonly ms: number;
  /** Processor time of all workers together. */
  readonly processorMs: number;
}

type Way = (worker: RuntimeWorker) => Promise<unknown>;

const ways: Readonly<Record<string, Way>> = {
  hand: (worker) => byHand.run({ ...worker, params: {} }),
  words: (worker) =>
    datasets(worker)
      .words()
      .countByValue()
      .sortBy(([word]) => word)
      .saveAsText(([word, count]) => `${word}\t${count}`),
  flatMap: (worker) =>
    datasets(worker)
      .text()
      .flatMap((line) => line.toLowerCase().match(/[a-z]+/g) ?? [])
      .countByValue()
      .sortBy(([word]) => word)
      .saveAsText(([word, count]) => `${word}\t${count}`),
};

export default defineJob({
  name: "bench word count",
  async run(worker): Promise<WordCountTold> {
    // Whoever joins early would else wait for the others while its time counts.
    await worker.barrier();
    const begin = performance.now();
    const processor = process.cpuUsage();
    await ways[worker.params.way!]!(worker);
    await worker.barrier();
    const ms = performance.now() - begin;
    const { user, system } = process.cpuUsage(processor);
    return { ms, processorMs: await worker.allReduce((user + system) / 1000, "sum") };
  },
});
