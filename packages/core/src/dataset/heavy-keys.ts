// Keys that so many rows have that one worker alone would have more to do with them than with everything else. What a
// worker sees first is taken for a sample of what it has.

import type { Group } from "../group/group.ts";
import { identityOf, type Key } from "./key.ts";
import type { Batch } from "./plan.ts";

type Pair = readonly [key: Key, value: unknown];

const sampledRows = 32_768;
/** Of what one worker would have if all had the same. */
const heavyShare = 0.5;
/** A worker names so many keys for each worker: no more can be heavy, and rarer ones need not be told. */
const candidatesPerWorker = 4;

export interface Peeked {
  /** The first rows, and then the rest. */
  readonly batches: AsyncIterable<Batch>;
  /** What identifies the heavy keys: the same set on all workers. */
  readonly heavy: ReadonlySet<unknown>;
}

/** Looks at the first rows of pairs, and agrees with all others on which keys are heavy. */
export async function peekHeavyKeys(batches: AsyncIterable<Batch>, group: Group): Promise<Peeked> {
  const iterator = batches[Symbol.asyncIterator]();
  const seen: Batch[] = [];
  const counts = new Map<unknown, number>();
  let rows = 0;
  while (rows < sampledRows) {
    const next = await iterator.next();
    if (next.done) break;
    seen.push(next.value);
    rows += next.value.length;
    for (const [key] of next.value as readonly Pair[]) {
      const identity = identityOf(key);
      counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
  }
  return { batches: firstSeen(seen, iterator), heavy: await agree(counts, rows, group) };
}

async function* firstSeen(seen: readonly Batch[], rest: AsyncIterator<Batch>): AsyncGenerator<Batch> {
  try {
    yield* seen;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function agree(
  counts: ReadonlyMap<unknown, number>,
  rows: number,
  group: Group,
): Promise<ReadonlySet<unknown>> {
  const candidates = [...counts]
    .sort(([, left], [, right]) => right - left)
    .slice(0, candidatesPerWorker * group.size);
  const told = await group.allGather({ rows, candidates });
  const all = told.reduce((sum, each) => sum + each.rows, 0);
  const sums = new Map<unknown, number>();
  for (const [identity, count] of told.flatMap((each) => each.candidates)) {
    sums.set(identity, (sums.get(identity) ?? 0) + count);
  }
  return new Set([...sums].filter(([, count]) => count * group.size > heavyShare * all).map(([key]) => key));
}
