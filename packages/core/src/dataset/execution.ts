// What all parts of a running plan share: where it runs, how much it may keep, and rows in batches.

import type { Group } from "../group/group.ts";
import type { Batch, PlanPlace } from "./plan.ts";
import type { RowStore } from "./store.ts";

/** What the actions of one worker share. */
export interface Execution {
  readonly place: PlanPlace;
  readonly group: Group;
  /** Bytes that a table or a sorter may take before it goes to disk. */
  readonly budget: number;
  /** A number that no shuffle of this worker has had. */
  nextShuffle(): number;
  /** Is closed when the job's part of this worker is over. */
  keep(store: RowStore): void;
}

export type Open = () => AsyncIterable<Batch>;

export const batchRows = 1024;

export async function* rowsOf(batches: AsyncIterable<Batch>): AsyncGenerator<unknown> {
  for await (const batch of batches) yield* batch;
}

export async function* inBatches(rows: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Batch> {
  let batch: unknown[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The same for what need not be waited for: without a turn of the microtask queue for each row. */
export async function* syncInBatches(rows: Iterable<unknown>): AsyncGenerator<Batch> {
  let batch: unknown[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
