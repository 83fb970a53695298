// Reductions that send whole values: up a tree, or in pairs by recursive doubling.

import { type Exchange, encodePart } from "./exchange.ts";
import { decodeWhole } from "./forms.ts";
import type { Combiner } from "./operation.ts";
import { fromRoot, type Tree, toRank } from "./tree.ts";

/** From the first to the last. */
export function fold([first, ...rest]: readonly unknown[], { combine }: Combiner): unknown {
  let spare: unknown;
  let sum = first;
  for (const value of rest) {
    sum = combine(sum, value, spare);
    spare = sum;
  }
  return sum;
}

/** At the root; undefined elsewhere. In order if the root is rank 0 and a subtree is a run of ranks after its own. */
export async function reduceTree(
  { rank, size, send, receive }: Exchange,
  { children, parent }: Tree,
  root: number,
  value: unknown,
  { combine }: Combiner,
): Promise<unknown> {
  const relative = fromRoot(rank, root, size);
  const inOrder = children(relative, size);
  if (inOrder.length > 1) inOrder.sort((one, other) => one - other);
  const receives = inOrder.map((child) => receive(toRank(child, root, size)));
  let sum = value;
  let spare: unknown;
  for (const received of receives) {
    const theirs = decodeWhole(await received);
    sum = combine(sum, theirs, spare ?? theirs);
    spare = sum;
  }
  if (relative === 0) return sum;
  await send(toRank(parent(relative), root, size), encodePart(sum));
  return undefined;
}

/**
 * Recursive doubling: in the k-th round each exchanges what it has with the one whose place differs in the k-th bit.
 * Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH" (2005), 4.5.
 */
export async function reduceDoubling(
  exchange: Exchange,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const { send, receive } = exchange;
  return await amongPowerOfTwo(exchange, value, combiner, async ({ place, places, rankAt }, joined) => {
    let sum = joined;
    for (let bit = 1; bit < places; bit *= 2) {
      const partner = rankAt(place ^ bit);
      const [received] = await Promise.all([receive(partner), send(partner, encodePart(sum))]);
      const theirs = decodeWhole(received);
      sum = place & bit ? combiner.combine(theirs, sum, theirs) : combiner.combine(sum, theirs, theirs);
    }
    return sum;
  });
}

/** This member's place among so many as take part, in the order of ranks. */
export interface Place {
  readonly place: number;
  /** A power of two. */
  readonly places: number;
  rankAt(place: number): number;
  /** Two ranks that have joined have one place. */
  placeOf(rank: number): number;
}

/**
 * Lets `act` reduce for all among the largest power of two. Where the size is none, neighbours join first, so the order
 * is kept, and one of the two gets from the other what the result has for it.
 */
export async function amongPowerOfTwo(
  { rank, size, send, receive }: Exchange,
  value: unknown,
  { combine }: Combiner,
  act: (place: Place, value: unknown) => Promise<unknown>,
  ownOf: (result: unknown, rank: number) => unknown = (result) => result,
): Promise<unknown> {
  const places = 2 ** Math.floor(Math.log2(size));
  const paired = 2 * (size - places);
  const joins = rank < paired;
  if (joins && rank % 2 === 0) {
    await send(rank + 1, encodePart(value));
    return decodeWhole(await receive(rank + 1));
  }
  const joined = joins ? combine(decodeWhole(await receive(rank - 1)), value) : value;
  const placeOf = (other: number) => (other < paired ? other >> 1 : other - paired / 2);
  const rankAt = (place: number) => (place < paired / 2 ? 2 * place + 1 : place + paired / 2);
  const result = await act({ place: placeOf(rank), places, rankAt, placeOf }, joined);
  if (joins) await send(rank - 1, encodePart(ownOf(result, rank - 1)));
  return ownOf(result, rank);
}
