// Runs a plan on this worker, beside all others. Preparing it numbers its shuffles in the order of the plan, so they
// have the same numbers everywhere; opening it runs them, in that order; reading the rows then pulls them through what
// is left, which is on this worker alone.

import { aggregate } from "./execute-aggregate.ts";
import { join } from "./execute-join.ts";
import { sort } from "./execute-sort.ts";
import { type Execution, inBatches, makeRoom, type Open, rowsOf } from "./execution.ts";
import type { Batch, CachePlan, Plan } from "./plan.ts";
import { RowStore } from "./store.ts";

export function prepare(plan: Plan, execution: Execution): Open {
  const { place } = execution;
  switch (plan.kind) {
    case "source":
      return async () => plan.open(place);
    case "narrow": {
      const from = prepare(plan.from, execution);
      return async () => throughSteps(await from(), plan.make(place));
    }
    case "partition": {
      const from = prepare(plan.from, execution);
      return async () => inBatches(plan.apply(rowsOf(await from()), place));
    }
    case "union":
      return union(
        plan.from.map((each) => prepare(each, execution)),
        execution,
      );
    case "aggregate":
      return aggregate(plan, prepare(plan.from, execution), execution);
    case "join":
      return join(plan, [prepare(plan.left, execution), prepare(plan.right, execution)], execution);
    case "sort":
      return sort(plan, prepare(plan.from, execution), execution);
    case "cache":
      return cached(plan, execution);
  }
}

async function* throughSteps(batches: AsyncIterable<Batch>, step: (batch: Batch) => Batch) {
  for await (const batch of batches) {
    const out = step(batch);
    if (out.length > 0) yield out;
  }
}

function union(from: readonly Open[], execution: Execution): Open {
  return async () => {
    const opened: AsyncIterable<Batch>[] = [];
    for (const open of from) {
      makeRoom(execution);
      opened.push(await open());
    }
    return oneAfterTheOther(opened);
  };
}

async function* oneAfterTheOther(all: readonly AsyncIterable<Batch>[]): AsyncGenerator<Batch> {
  for (const batches of all) yield* batches;
}

function cached({ from, slot }: CachePlan, execution: Execution): Open {
  const open = slot.store === undefined ? prepare(from, execution) : undefined;
  return async () => {
    // Two openings in one action: the second finds what the first has filled.
    slot.store ??= await filled(open!, execution);
    return storedRows(slot.store);
  };
}

/** With all rows at once: what one worker has in its cache and another not, the next action would shuffle on one alone. */
async function filled(open: Open, { budget, held, kept }: Execution): Promise<RowStore> {
  const batches = await open();
  const store = held.add(new RowStore(budget));
  for await (const batch of batches) store.add(batch);
  held.release(store);
  return kept.add(store);
}

async function* storedRows(store: RowStore): AsyncGenerator<Batch> {
  yield* store.batches();
}
