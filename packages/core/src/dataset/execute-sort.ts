// A global order: each worker gets one range of it. Samples of all workers say where the ranges begin. Rows with equal
// keys are told apart by where they came from, so they keep that order, and a key that is half of all rows is spread
// over half of the workers.

import { type Execution, type Open, syncInBatches } from "./execution.ts";
import { compareKeys, type Key } from "./key.ts";
import { randomNumbers } from "./narrow.ts";
import type { Batch, SortPlan } from "./plan.ts";
import { openShuffle } from "./shuffle.ts";
import { Sorter } from "./sorter.ts";
import { RowStore } from "./store.ts";
import { userError } from "./user-error.ts";

/** `place`: which row it was, over all workers. */
type Placed = readonly [key: Key, place: number, row?: unknown];
type Compare = (left: Placed, right: Placed) => number;

/** Ranges then differ by some per cent: the n-th splitter of s samples a range is off by about 1 / sqrt(s). */
const samplesPerRange = 64;
const placesPerWorker = 2 ** 40;

export function sort(plan: SortPlan, from: Open, execution: Execution): Open {
  const number = execution.nextShuffle();
  const compare = comparing(plan.descending);
  return async () => {
    const batches = await from();
    const sorter = execution.held.add(new Sorter<Placed>(compare, execution.budget));
    if (execution.group.size === 1) {
      for await (const placed of placedRows(plan, batches, execution))
        for (const row of placed) sorter.add(row);
    } else await shuffleRanges(plan, batches, execution, number, sorter, compare);
    return syncInBatches(lastOf(sorter.rows()));
  };
}

function* lastOf(rows: Iterable<Placed>): Generator<unknown> {
  for (const [, , row] of rows) yield row;
}

const comparing = (descending: boolean): Compare =>
  descending
    ? (left, right) => compareKeys(right[0], left[0]) || left[1] - right[1]
    : (left, right) => compareKeys(left[0], right[0]) || left[1] - right[1];

async function* placedRows(
  plan: SortPlan,
  batches: AsyncIterable<Batch>,
  { place }: Execution,
): AsyncGenerator<readonly Placed[]> {
  let record = 0;
  for await (const batch of batches) {
    const placed: Placed[] = [];
    try {
      for (const row of batch) {
        placed.push([plan.key(row), place.rank * placesPerWorker + record, row]);
        record += 1;
      }
    } catch (thrown) {
      throw userError(plan.label, place.rank, record, thrown);
    }
    yield placed;
  }
}

async function shuffleRanges(
  plan: SortPlan,
  batches: AsyncIterable<Batch>,
  execution: Execution,
  number: number,
  sorter: Sorter<Placed>,
  compare: Compare,
): Promise<void> {
  const { group, budget, held } = execution;
  const store = held.add(new RowStore(budget));
  const sample = reservoir(samplesPerRange * group.size, group.rank);
  for await (const placed of placedRows(plan, batches, execution)) {
    for (const [key, place] of placed) sample.add([key, place]);
    store.add(placed);
  }
  const splitters = await agreeOnSplitters(execution, sample.taken, store.count, compare);
  const take = (rows: readonly unknown[]) => {
    for (const row of rows as readonly Placed[]) sorter.add(row);
  };
  const shuffle = held.add(openShuffle({ group, number, budget, take }));
  for (const placed of store.batches() as Iterable<Placed[]>) {
    for (const row of placed) shuffle.send(rangeOf(row, splitters, compare), row);
    await shuffle.ready();
  }
  await shuffle.finish();
  store.close();
}

/** Vitter's Algorithm R: each row is as likely to be among those taken as any other. */
function reservoir(size: number, seed: number) {
  const next = randomNumbers(seed + 1);
  const taken: Placed[] = [];
  let seen = 0;
  return {
    taken,
    add(row: Placed): void {
      seen += 1;
      if (taken.length < size) taken.push(row);
      else {
        const place = Math.floor(next() * seen);
        if (place < size) taken[place] = row;
      }
    },
  };
}

/** A worker with more rows has more to say: its samples stand for more of them. */
async function agreeOnSplitters(
  { group }: Execution,
  taken: readonly Placed[],
  rows: number,
  compare: Compare,
): Promise<readonly Placed[]> {
  const told = await group.allGather({ taken, weight: taken.length === 0 ? 0 : rows / taken.length });
  const all = told
    .flatMap(({ taken, weight }) => taken.map((sample) => ({ sample, weight })))
    .sort((one, other) => compare(one.sample, other.sample));
  const range = all.reduce((sum, { weight }) => sum + weight, 0) / group.size;
  const splitters: Placed[] = [];
  let before = 0;
  for (const { sample, weight } of all) {
    before += weight;
    while (splitters.length < group.size - 1 && before > range * (splitters.length + 1))
      splitters.push(sample);
  }
  return splitters;
}

/** The range of a row: how many splitters are not after it. */
function rangeOf(row: Placed, splitters: readonly Placed[], compare: Compare): number {
  let low = 0;
  let high = splitters.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(splitters[middle]!, row) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
