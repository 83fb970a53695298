// Counts words with datasets: a line a word, in alphabetical order, and the most frequent ones as the result.

import { datasets, defineJob } from "fnmesh";
import * as v from "valibot";

const params = v.strictObject({
  top: v.optional(v.pipe(v.string(), v.digits(), v.transform(Number), v.maxValue(1000)), "10"),
});

export default defineJob({
  name: "word-count",
  params,
  async run(worker) {
    const counts = datasets(worker).words().countByValue().cache();
    await counts.sortBy(([word]) => word).saveAsText(([word, count]) => `${word}\t${count}`);
    // Words that are as frequent as each other go by their letters, so that the result is always the same.
    const first = await counts.sortBy(([word, count]) => [-count, word]).take(worker.params.top);
    return { distinct: await counts.count(), top: first.map(([word, count]) => ({ word, count })) };
  },
});
