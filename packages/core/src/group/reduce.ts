// All members' values combined into one: for one member, for all, or a part for each. In the order of ranks, unless
// the operation is commutative.

import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import { copyOf, decodePart, type Exchange, encodePart } from "./exchange.ts";
import { gather, scatter } from "./gather.ts";
import { type Combiner, isNumericArray, type NumericArray } from "./operation.ts";
import { binomialChildren, binomialParent, flatChildren, fromRoot, toRank } from "./tree.ts";

/** Operations of their own for the steps that one consists of. */
export type Steps = readonly [Exchange, Exchange];

const arrayBytes = (value: unknown): number => (isNumericArray(value) ? value.byteLength : 0);

/** At the root; undefined elsewhere. */
export async function reduce(
  steps: Steps,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, second] = steps;
  const { rank, size } = exchange;
  if (size === 1) return copyOf(value);
  if (!combiner.associative) return await foldAtRoot(exchange, choices, root, value, combiner);
  if (choices.reduce(size, arrayBytes(value)) === "blocks") {
    const blocks = await gather(
      second,
      choices,
      root,
      encodePart(await reduceBlocks(exchange, value, combiner)),
    );
    return blocks && joinBlocks(value as NumericArray, blocks.map(decodePart));
  }
  // In a tree from rank 0 every subtree is a run of ranks, so their order is kept; from there it goes to the root.
  const top = combiner.commutative ? root : 0;
  const reduced = await reduceTree(exchange, choices, top, value, combiner);
  if (top === root) return reduced;
  if (rank === top) await second.send(root, encodePart(reduced));
  return rank === root ? decodePart(await second.receive(top)) : undefined;
}

async function foldAtRoot(
  exchange: Exchange,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const parts = await gather(exchange, choices, root, encodePart(value));
  return parts && fold(parts.map(decodePart), combiner);
}

/** From the first to the last. */
function fold([first, ...rest]: readonly unknown[], { combine }: Combiner): unknown {
  let spare: unknown;
  let sum = first;
  for (const value of rest) {
    sum = combine(sum, value, spare);
    spare = sum;
  }
  return sum;
}

async function reduceTree(
  { rank, size, send, receive }: Exchange,
  choices: Choices,
  root: number,
  value: unknown,
  { combine }: Combiner,
): Promise<unknown> {
  const relative = fromRoot(rank, root, size);
  const flat = choices.flat(size);
  const children = flat ? flatChildren(relative, size) : binomialChildren(relative, size).reverse();
  const receives = children.map((child) => receive(toRank(child, root, size)));
  let sum = value;
  let spare: unknown;
  for (const received of await Promise.all(receives)) {
    const theirs = decodePart(received);
    sum = combine(sum, theirs, spare ?? theirs);
    spare = sum;
  }
  if (relative === 0) return sum;
  await send(toRank(flat ? 0 : binomialParent(relative), root, size), encodePart(sum));
  return undefined;
}

/** For all. */
export async function allReduce(
  steps: readonly [Exchange, Exchange, Exchange],
  choices: Choices,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, second, third] = steps;
  if (exchange.size === 1) return copyOf(value);
  const choice = combiner.associative ? choices.allReduce(exchange.size, arrayBytes(value)) : "central";
  if (choice === "blocks") {
    const block = await reduceBlocks(exchange, value, combiner);
    return joinBlocks(value as NumericArray, await spreadBlocks(second, block));
  }
  if (choice === "doubling") return await reduceDoubling(exchange, value, combiner);
  const reduced = await reduce([exchange, second], choices, 0, value, combiner);
  const part = await broadcast(third, choices, 0, exchange.rank === 0 ? encodePart(reduced) : undefined);
  return exchange.rank === 0 ? reduced : decodePart(part);
}

/**
 * Recursive doubling: in the k-th round each exchanges what it has with the one whose rank differs in the k-th bit.
 * Where the size is no power of two, neighbours join first, so the order is kept. Thakur, Rabenseifner and Gropp,
 * "Optimization of collective communication operations in MPICH" (2005), 4.5.
 */
async function reduceDoubling(
  { rank, size, send, receive }: Exchange,
  value: unknown,
  { combine }: Combiner,
): Promise<unknown> {
  const half = 2 ** Math.floor(Math.log2(size));
  const paired = 2 * (size - half);
  const joins = rank < paired;
  if (joins && rank % 2 === 0) {
    await send(rank + 1, encodePart(value));
    return decodePart(await receive(rank + 1));
  }
  let sum = joins ? combine(decodePart(await receive(rank - 1)), value) : value;
  const place = joins ? rank >> 1 : rank - paired / 2;
  const rankAt = (other: number) => (other < paired / 2 ? 2 * other + 1 : other + paired / 2);
  for (let bit = 1; bit < half; bit *= 2) {
    const partner = rankAt(place ^ bit);
    const [received] = await Promise.all([receive(partner), send(partner, encodePart(sum))]);
    const theirs = decodePart(received);
    sum = place & bit ? combine(theirs, sum, theirs) : combine(sum, theirs, theirs);
  }
  if (joins) await send(rank - 1, encodePart(sum));
  return sum;
}

/** Where the block of each rank begins in an array of so many elements. */
const blockBegin = (length: number, rank: number, size: number): number => Math.floor((length * rank) / size);

/** Each member combines one block of everybody's arrays: (size - 1) / size of an array is sent and received. */
function reduceBlocks(exchange: Exchange, value: unknown, combiner: Combiner): Promise<unknown> {
  const array = value as NumericArray;
  const { size } = exchange;
  const blocks = Array.from({ length: size }, (_, rank) =>
    array.subarray(blockBegin(array.length, rank, size), blockBegin(array.length, rank + 1, size)),
  );
  return reduceDirect(exchange, blocks, combiner);
}

async function spreadBlocks(
  { rank, size, send, receive }: Exchange,
  mine: unknown,
): Promise<readonly unknown[]> {
  const part = encodePart(mine);
  const others = Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);
  const sends = others.map((to) => send(to, part));
  const blocks = await Promise.all(
    Array.from({ length: size }, async (_, from) => (from === rank ? mine : decodePart(await receive(from)))),
  );
  await Promise.all(sends);
  return blocks;
}

function joinBlocks(like: NumericArray, blocks: readonly unknown[]): NumericArray {
  const type = Object.getPrototypeOf(like).constructor as { new (length: number): NumericArray };
  const whole = like instanceof Uint8Array ? new Uint8Array(like.length) : new type(like.length);
  let at = 0;
  for (const block of blocks as readonly NumericArray[]) {
    (whole as Uint8Array).set(block as Uint8Array, at);
    at += block.length;
  }
  return whole;
}

/** The combination of all members' `parts[rank]`, for each rank its own. */
export async function reduceScatter(
  steps: readonly [Exchange, Exchange, Exchange],
  choices: Choices,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, second, third] = steps;
  const { rank, size } = exchange;
  if (size === 1) return copyOf(parts[0]);
  const bytes = parts.every(isNumericArray)
    ? parts.reduce((sum: number, part) => sum + arrayBytes(part), 0)
    : undefined;
  if (choices.reduceScatter(size, bytes) === "direct") return await reduceDirect(exchange, parts, combiner);
  const lists: Combiner = {
    ...combiner,
    combine: (left, right, spare) =>
      (left as unknown[]).map((part, at) =>
        combiner.combine(part, (right as unknown[])[at], (spare as unknown[] | undefined)?.[at]),
      ),
  };
  const reduced = await reduce([exchange, second], choices, 0, parts, lists);
  const mine = await scatter(third, choices, 0, (reduced as unknown[] | undefined)?.map(encodePart));
  return rank === 0 ? (reduced as unknown[])[0] : decodePart(mine);
}

async function reduceDirect(
  { rank, size, send, receive }: Exchange,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const others = Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);
  const sends = others.map((to) => send(to, encodePart(parts[to])));
  const mine = await Promise.all(
    Array.from({ length: size }, async (_, from) =>
      from === rank ? parts[rank] : decodePart(await receive(from)),
    ),
  );
  const sum = fold(mine, combiner);
  await Promise.all(sends);
  return sum;
}
