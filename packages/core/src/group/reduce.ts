// All members' values combined into one: for one member, for all, or a part for each. In the order of ranks, unless
// the operation is commutative.

import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import { copyOf, decodePart, encodePart, type Steps } from "./exchange.ts";
import { comparedFirst, decodeWhole } from "./forms.ts";
import { gather, scatter } from "./gather.ts";
import { packList, reduceLists } from "./lists.ts";
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

const arrayBytes = (value: unknown): number => (isNumericArray(value) ? value.byteLength : 0);

/** At the root; undefined elsewhere. */
export async function reduce(
  steps: Steps,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const exchange = steps(0);
  const { size } = exchange;
  if (size === 1) return copyOf(value);
  const choice = combiner.associative ? choices.reduce(size, arrayBytes(value)) : "rooted";
  if (choice !== "blocks") return await reduceWhole(steps, choices, root, value, combiner, choice);
  const array = value as NumericArray;
  const block = await reduceBlocks(exchange, array, combiner);
  const blocks = await gather(steps(1), choices, root, encodePart(block));
  return blocks && joinBlocks(array, blocks.map(decodePart));
}

/** `shape`: by a tree, or by what is usual for so many members. */
async function reduceWhole(
  steps: Steps,
  choices: Choices,
  root: number,
  value: unknown,
  combiner: Combiner,
  shape: "rooted" | "tree" = "rooted",
): Promise<unknown> {
  const exchange = steps(0);
  const { rank, size } = exchange;
  if (!combiner.associative) {
    const parts = await gather(exchange, choices, root, encodePart(value));
    return parts && fold(parts.map(decodeWhole), combiner);
  }
  // In a tree from rank 0 every subtree is a run of ranks, so their order is kept; from there it goes to the root.
  const top = combiner.commutative ? root : 0;
  const tree = shape === "rooted" && choices.flat(size) ? trees.flat : trees.binomial;
  const act = () => reduceTree(exchange, tree, top, value, combiner);
  const reduced =
    shape === "tree" && isNumericArray(value)
      ? await comparedFirst(exchange, choices, value.length, act, top)
      : await act();
  if (top === root) return reduced;
  if (rank === top) await steps(1).send(root, encodePart(reduced));
  return rank === root ? decodePart(await steps(1).receive(top)) : undefined;
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
  const exchange = steps(0);
  const { size } = exchange;
  if (size === 1) return copyOf(value);
  const choice = combiner.associative ? choices.allReduce(size, arrayBytes(value)) : "rooted";
  switch (choice) {
    case "blocks": {
      const array = value as NumericArray;
      return await spreadBlocks(steps(1), array, await reduceBlocks(exchange, array, combiner));
    }
    case "halving": {
      const array = value as NumericArray;
      const halve = () => reduceHalving(exchange, array, combiner);
      return await comparedFirst(exchange, choices, array.length, halve);
    }
    case "doubling":
      return await reduceDoubling(exchange, value, combiner);
    default:
      return await reduceAndSpread(steps, choices, value, combiner, choice);
  }
}

async function reduceAndSpread(
  steps: Steps,
  choices: Choices,
  value: unknown,
  combiner: Combiner,
  shape: "rooted" | "tree",
): Promise<unknown> {
  const reduced = await reduceWhole(steps, choices, 0, value, combiner, shape);
  const third = steps(2);
  if (third.rank > 0) return decodePart(await broadcast(third, choices, 0));
  await broadcast(third, choices, 0, encodePart(reduced));
  return reduced;
}

/** Undefined if they are not all arrays. */
function bytesOfArrays(parts: readonly unknown[]): number | undefined {
  let sum = 0;
  for (const part of parts) {
    if (!isNumericArray(part)) return undefined;
    sum += part.byteLength;
  }
  return sum;
}

/** The combination of all members' `parts[rank]`, for each rank its own. */
export async function reduceScatter(
  steps: Steps,
  choices: Choices,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const exchange = steps(0);
  const { rank, size } = exchange;
  if (size === 1) return copyOf(parts[0]);
  const bytes = bytesOfArrays(parts);
  const choice = choices.reduceScatter(size, bytes);
  if (choice === "direct") return await reduceDirect(exchange, parts, combiner);
  if (choice === "halving" && combiner.associative) {
    const halve = () => reduceHalvingParts(exchange, parts, combiner);
    return await comparedFirst(exchange, choices, bytes ?? 0, halve);
  }
  const list = combiner.associative && choices.flat(size) ? packList(parts) : undefined;
  const reduced =
    list === undefined
      ? ((await reduceWhole(steps, choices, 0, parts, listsOf(combiner))) as unknown[] | undefined)
      : await reduceLists(exchange, list, combiner);
  const mine = await scatter(steps(2), choices, 0, reduced?.map(encodePart));
  return rank === 0 ? reduced![0] : decodePart(mine);
}
