// Runs a plan on this worker, beside all others. Preparing it numbers its shuffles in the order of the plan, so they
// have the same numbers everywhere; reading the rows then pulls them through.

import { aggregate } from "./execute-aggregate.ts";
import { join } from "./execute-join.ts";
import { sort } from "./execute-sort.ts";
import { type Execution, inBatches, type Open, rowsOf } from "./execution.ts";
import type { Batch, CachePlan, Plan } from "./plan.ts";
import { RowStore } from "./store.ts";

export function prepare(plan: Plan, execution: Execution): Open {
  const { place } = execution;
  switch (plan.kind) {
    case "source":
      return () => plan.open(place);
    case "narrow": {
      const from = prepare(plan.from, execution);
      return () => throughSteps(from(), plan.make(place));
    }
    case "partition": {
      const from = prepare(plan.from, execution);
      return () => inBatches(plan.apply(rowsOf(from()), place));
    }
    case "union": {
      const from = plan.from.map((each) => prepare(each, execution));
      return () => oneAfterTheOther(from);
    }
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

async function* oneAfterTheOther(all: readonly Open[]): AsyncGenerator<Batch> {
  for (const open of all) yield* open();
}

function cached({ from, slot }: CachePlan, execution: Execution): Open {
  const open = slot.store === undefined ? prepare(from, execution) : undefined;
  return async function* () {
    // Two openings in one action: the second finds what the first has filled.
    if (slot.store === undefined) {
      const store = new RowStore(execution.budget);
      execution.keep(store);
      for await (const batch of open!()) store.add(batch);
      slot.store = store;
    }
    yield* slot.store.batches();
  };
}
