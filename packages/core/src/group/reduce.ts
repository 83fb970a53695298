// All members' values combined into one: for one member, for all, or a part for each. In the order of ranks, unless
// the operation is commutative.

import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import { copyOf, decodePart, type Exchange, encodePart } from "./exchange.ts";
import { compareLengths, decodeWhole } from "./forms.ts";
import { gather, scatter } from "./gather.ts";
import { type Combiner, isNumericArray, type NumericArray } from "./operation.ts";
import {
  arrayLike,
  listsOf,
  reduceBlocks,
  reduceDirect,
  reduceHalving,
  reduceHalvingParts,
  spreadBlocks,
} from "./reduce-pieces.ts";
import { fold, reduceDoubling, reduceTree } from "./reduce-whole.ts";
import { trees } from "./tree.ts";

/** Operations of their own for the steps that one consists of. */
export type Steps = readonly [Exchange, Exchange, Exchange];

const arrayBytes = (value: unknown): number => (isNumericArray(value) ? value.byteLength : 0);

const treeOf = (size: number, choices: Choices) => (choices.flat(size) ? trees.flat : trees.binomial);

/** At the root; undefined elsewhere. */
export async function reduce(
  steps: Steps,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, second] = steps;
  const { size } = exchange;
  if (size === 1) return copyOf(value);
  const inPieces = combiner.associative && choices.reduce(size, arrayBytes(value)) === "blocks";
  if (!inPieces) return await reduceWhole(steps, choices, root, value, combiner);
  const array = value as NumericArray;
  const block = await reduceBlocks(exchange, array, combiner);
  const blocks = await gather(second, choices, root, encodePart(block));
  return blocks && joinBlocks(array, blocks.map(decodePart));
}

async function reduceWhole(
  [exchange, second]: Steps,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const { rank, size } = exchange;
  if (!combiner.associative) {
    const parts = await gather(exchange, choices, root, encodePart(value));
    return parts && fold(parts.map(decodeWhole), combiner);
  }
  // In a tree from rank 0 every subtree is a run of ranks, so their order is kept; from there it goes to the root.
  const top = combiner.commutative ? root : 0;
  const reduced = await reduceTree(exchange, treeOf(size, choices), top, value, combiner);
  if (top === root) return reduced;
  if (rank === top) await second.send(root, encodePart(reduced));
  return rank === root ? decodePart(await second.receive(top)) : undefined;
}

function joinBlocks(like: NumericArray, blocks: readonly unknown[]): NumericArray {
  const whole = arrayLike(like);
  let at = 0;
  for (const block of blocks as readonly NumericArray[]) {
    (whole as Uint8Array).set(block as Uint8Array, at);
    at += block.length;
  }
  return whole;
}

/** For all. */
export async function allReduce(
  steps: Steps,
  choices: Choices,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, second, third] = steps;
  const { rank, size } = exchange;
  if (size === 1) return copyOf(value);
  const choice = combiner.associative ? choices.allReduce(size, arrayBytes(value)) : "central";
  switch (choice) {
    case "blocks": {
      const array = value as NumericArray;
      return await spreadBlocks(second, array, await reduceBlocks(exchange, array, combiner));
    }
    case "halving": {
      const array = value as NumericArray;
      return await compared(exchange, choices, array.length, () => reduceHalving(exchange, array, combiner));
    }
    case "doubling":
      return await reduceDoubling(exchange, value, combiner);
    case "central": {
      const reduced = await reduceWhole(steps, choices, 0, value, combiner);
      const part = await broadcast(third, choices, 0, rank === 0 ? encodePart(reduced) : undefined);
      return rank === 0 ? reduced : decodePart(part);
    }
  }
}

async function compared(
  exchange: Exchange,
  choices: Choices,
  length: number,
  act: () => Promise<unknown>,
): Promise<unknown> {
  if (!choices.flat(exchange.size)) return await act();
  const [, result] = await Promise.all([compareLengths(exchange, length), act()]);
  return result;
}

/** The combination of all members' `parts[rank]`, for each rank its own. */
export async function reduceScatter(
  steps: Steps,
  choices: Choices,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const [exchange, , third] = steps;
  const { rank, size } = exchange;
  if (size === 1) return copyOf(parts[0]);
  const bytes = parts.every(isNumericArray)
    ? parts.reduce((sum: number, part) => sum + arrayBytes(part), 0)
    : undefined;
  const choice = choices.reduceScatter(size, bytes);
  if (choice === "direct") return await reduceDirect(exchange, parts, combiner);
  if (choice === "halving" && combiner.associative) {
    const halve = () => reduceHalvingParts(exchange, parts, combiner);
    return await compared(exchange, choices, bytes ?? 0, halve);
  }
  const reduced = await reduceWhole(steps, choices, 0, parts, listsOf(combiner));
  const mine = await scatter(third, choices, 0, (reduced as unknown[] | undefined)?.map(encodePart));
  return rank === 0 ? (reduced as unknown[])[0] : decodePart(mine);
}
