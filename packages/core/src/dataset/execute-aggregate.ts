// Rows by key: added up on the mapper's side first, then sent to the worker that the key's hash names, which adds up
// what all have sent. What a mapper has added up goes on its way when it outgrows its share of memory, and at the end.

import { type Execution, type Open, syncInBatches } from "./execution.ts";
import { hashOf, type Key } from "./key.ts";
import type { AggregatePlan, Batch } from "./plan.ts";
import { openShuffle, type Shuffle } from "./shuffle.ts";
import { type Entry, SpillingTable, Table } from "./table.ts";
import { userError } from "./user-error.ts";

export function aggregate(plan: AggregatePlan, from: Open, execution: Execution): Open {
  const number = execution.nextShuffle();
  return async () => {
    const batches = await from();
    const table = execution.held.add(new SpillingTable(plan.aggregation, execution.budget));
    if (execution.group.size === 1) await addAll(plan, batches, execution, table);
    else await shuffleAll(plan, batches, execution, number, table);
    return syncInBatches(emitted(plan, table.entries(), execution));
  };
}

function* emitted(plan: AggregatePlan, entries: Iterable<Entry>, { place }: Execution): Generator<unknown> {
  let record = 0;
  for (const [key, sum] of entries) {
    let row: unknown;
    try {
      row = plan.emit(key, sum);
    } catch (thrown) {
      throw userError(plan.label, place.rank, record, thrown);
    }
    record += 1;
    yield row;
  }
}

/** Adds up rows; `afterBatch` may make room. */
async function addAll(
  plan: AggregatePlan,
  batches: AsyncIterable<Batch>,
  { place }: Execution,
  table: Pick<Table, "add">,
  afterBatch?: () => Promise<void>,
): Promise<void> {
  let record = 0;
  for await (const batch of batches) {
    try {
      for (const row of batch) {
        table.add(plan.key(row), plan.value(row));
        record += 1;
      }
    } catch (thrown) {
      throw userError(plan.label, place.rank, record, thrown);
    }
    await afterBatch?.();
  }
}

async function shuffleAll(
  plan: AggregatePlan,
  batches: AsyncIterable<Batch>,
  execution: Execution,
  number: number,
  table: SpillingTable,
): Promise<void> {
  const { group, budget, held } = execution;
  const take = (rows: readonly unknown[]) => {
    for (const [key, sum] of rows as readonly Entry[]) table.merge(key, sum);
  };
  const shuffle = held.add(openShuffle({ group, number, budget, take }));
  const mine = new Table(plan.aggregation);
  await addAll(plan, batches, execution, mine, async () => {
    if (mine.bytes > budget) await sendAll(mine, shuffle, group.size);
  });
  await sendAll(mine, shuffle, group.size);
  await shuffle.finish();
}

async function sendAll(table: Table, shuffle: Shuffle, size: number): Promise<void> {
  for (const entry of table.entries()) {
    shuffle.send(ownerOf(entry[0], size), entry);
    if (shuffle.isFull) await shuffle.ready();
  }
  table.clear();
  await shuffle.ready();
}

/** The worker that a key belongs to. */
export const ownerOf = (key: Key, size: number): number => hashOf(key) % size;
