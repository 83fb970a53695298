// A job: all queries, one after the other, over tables that the first one reads.

import { datasets, defineJob } from "fnmesh";
import { cachedTables, type Query, type Rows } from "./cached-tables.ts";
import { otherQueries } from "./other-queries.ts";
import { tpchQueries } from "./tpch-queries.ts";

const queries: Readonly<Record<string, Query>> = { ...tpchQueries, ...otherQueries };

export type Answers = Readonly<Record<string, Rows>>;

export default defineJob({
  name: "queries",
  async run(worker): Promise<Answers> {
    const tables = cachedTables(datasets(worker));
    const answers: Record<string, Rows> = {};
    for (const [name, query] of Object.entries(queries)) answers[name] = await query(tables);
    return answers;
  },
});
