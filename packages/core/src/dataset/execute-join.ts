// Two datasets of pairs by key. A right side that is small goes whole to every worker, and the left one stays where it
// is; otherwise both go to the worker that the key's hash names. Left rows with a heavy key are shared out among all
// workers instead, and right rows with that key go to each.

import { encodeRows } from "./encode-rows.ts";
import { ownerOf } from "./execute-aggregate.ts";
import { type Execution, makeRoom, type Open, syncInBatches } from "./execution.ts";
import { peekHeavyKeys } from "./heavy-keys.ts";
import { identityOf, type Key } from "./key.ts";
import type { Batch, JoinPlan } from "./plan.ts";
import { openShuffle } from "./shuffle.ts";
import { RowStore } from "./store.ts";
import { type Aggregation, SpillingTable } from "./table.ts";

/** Bytes of all right rows together, encoded, that go to every worker rather than both sides to one. */
const mostBroadcastBytes = 8 * 1024 * 1024;
/** Of the memory of the worker that has least: decoded and by key, rows take several times as much. */
const broadcastShare = 0.25;

type Pair = readonly [key: Key, value: unknown];
type Sides = readonly [left: unknown[], right: unknown[]];
type Tagged = readonly [side: 0 | 1, value: unknown];

/** What belongs to one key, by sides. */
const bySides: Aggregation = {
  create: (tagged) => addTo([[], []], tagged as Tagged),
  add: (sides, tagged) => addTo(sides as Sides, tagged as Tagged),
  combine(left, right) {
    const [one, other] = [left as Sides, right as Sides];
    for (const side of [0, 1] as const) for (const value of other[side]) one[side].push(value);
    return one;
  },
  grows: true,
};

function addTo(sides: Sides, [side, value]: Tagged): Sides {
  sides[side].push(value);
  return sides;
}

export function join(plan: JoinPlan, [left, right]: readonly [Open, Open], execution: Execution): Open {
  const numbers = [execution.nextShuffle(), execution.nextShuffle()] as const;
  return async () => {
    const batches = await right();
    const store = execution.held.add(new RowStore(execution.budget));
    for await (const batch of batches) store.add(batch);
    const isBroadcast = await isSmall(plan, store, execution);
    const small = isBroadcast ? await fromAll(store, execution) : undefined;
    if (isBroadcast) store.close();
    makeRoom(execution);
    const rows = await left();
    if (small !== undefined) return lookedUp(rows, small, plan.outer);
    const table = await shuffled(rows, store, numbers, execution);
    store.close();
    return syncInBatches(products(table, plan.outer));
  };
}

async function isSmall({ strategy }: JoinPlan, store: RowStore, execution: Execution): Promise<boolean> {
  if (strategy !== "auto") return strategy === "broadcast";
  const { group, budget } = execution;
  const least = await group.allReduce(Math.min(budget * broadcastShare, mostBroadcastBytes), "min");
  return (await group.allReduce(store.bytes, "sum")) <= least;
}

/** The rows that all workers have, still encoded. */
async function fromAll(own: RowStore, { group, budget, held }: Execution): Promise<RowStore> {
  const rows = [...own.batches()].flat();
  const all = held.add(new RowStore(budget));
  for (const part of await group.allGather(encodeRows(rows))) all.addEncoded(part);
  return all;
}

async function* lookedUp(
  batches: AsyncIterable<Batch>,
  small: RowStore,
  outer: boolean,
): AsyncGenerator<Batch> {
  const lookup = lookupOf(small);
  small.close();
  for await (const batch of batches) yield joined(batch, lookup, outer);
}

function lookupOf(small: RowStore): Map<unknown, unknown[]> {
  const lookup = new Map<unknown, unknown[]>();
  for (const rows of small.batches()) {
    for (const [key, value] of rows as Pair[]) {
      const identity = identityOf(key);
      const values = lookup.get(identity);
      if (values === undefined) lookup.set(identity, [value]);
      else values.push(value);
    }
  }
  return lookup;
}

function joined(batch: Batch, lookup: ReadonlyMap<unknown, readonly unknown[]>, outer: boolean): Batch {
  const out: unknown[] = [];
  for (const [key, value] of batch as readonly Pair[]) {
    const others = lookup.get(identityOf(key));
    if (others === undefined) {
      if (outer) out.push([key, [value, undefined]]);
    } else for (const other of others) out.push([key, [value, other]]);
  }
  return out;
}

async function shuffled(
  left: AsyncIterable<Batch>,
  right: RowStore,
  numbers: readonly [number, number],
  execution: Execution,
): Promise<SpillingTable> {
  const { group } = execution;
  const table = execution.held.add(new SpillingTable(bySides, execution.budget));
  const { batches, heavy } = await peekHeavyKeys(left, group);
  let turn = group.rank;
  const toOne = ([key]: Pair): readonly number[] => {
    if (!heavy.has(identityOf(key))) return [ownerOf(key, group.size)];
    turn += 1;
    return [turn % group.size];
  };
  const everybody = group.members.map((_, rank) => rank);
  const toAll = ([key]: Pair): readonly number[] =>
    heavy.has(identityOf(key)) ? everybody : [ownerOf(key, group.size)];
  await sendSide(0, batches, toOne, numbers[0], execution, table);
  await sendSide(1, right.batches(), toAll, numbers[1], execution, table);
  return table;
}

async function sendSide(
  side: 0 | 1,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  targets: (pair: Pair) => readonly number[],
  number: number,
  { group, budget, held }: Execution,
  table: SpillingTable,
): Promise<void> {
  const take = (rows: readonly unknown[]) => {
    for (const [key, value] of rows as readonly Pair[]) table.add(key, [side, value]);
  };
  const shuffle = held.add(openShuffle({ group, number, budget, take }));
  for await (const batch of batches) {
    for (const pair of batch as readonly Pair[]) {
      for (const to of targets(pair)) shuffle.send(to, pair);
      if (shuffle.isFull) await shuffle.ready();
    }
    await shuffle.ready();
  }
  await shuffle.finish();
}

function* products(table: SpillingTable, outer: boolean): Generator<unknown> {
  for (const [key, sides] of table.entries()) {
    const [left, right] = sides as Sides;
    if (right.length === 0 && outer) for (const value of left) yield [key, [value, undefined]];
    for (const value of left) for (const other of right) yield [key, [value, other]];
  }
}
