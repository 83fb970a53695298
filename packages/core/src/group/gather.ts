// Parts of all members to one, and of one to all members. Small parts travel in bundles along a tree, so the root has
// log2(size) messages and not size - 1; large ones go straight. Who sends decides, and the bundle says.

import type { Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { packParts, unpackParts } from "./parts.ts";
import { binomialChildren, binomialParent, binomialSubtree, fromRoot, othersOf, toRank } from "./tree.ts";

/** Stands for a part that comes by itself. No value has this kind; not one of a stream's either. */
export const straight: Part = { kind: 0, bytes: new Uint8Array(0) };
export const isStraight = ({ kind }: Part): boolean => kind === straight.kind;

/** Every member's part, by rank, at the root; undefined elsewhere. */
export async function gather(
  exchange: Exchange,
  choices: Choices,
  root: number,
  mine: Part,
  as: "parts" | "bundle" = "parts",
): Promise<readonly Part[] | undefined> {
  if (choices.flat(exchange.size)) return await gatherFlat(exchange, root, mine);
  return as === "bundle"
    ? await gatherBundle(exchange, root, mine)
    : await gatherTree(exchange, choices, root, mine);
}

async function gatherFlat({ rank, size, send, receive }: Exchange, root: number, mine: Part) {
  if (rank !== root) return void (await send(root, mine));
  return await Promise.all(Array.from({ length: size }, (_, from) => (from === root ? mine : receive(from))));
}

/** The parts as they are, along the tree: all of them are small. */
async function gatherBundle({ rank, size, send, receive }: Exchange, root: number, mine: Part) {
  const relative = fromRoot(rank, root, size);
  // A bundle has its subtree's parts in the order of relative ranks, and children come after their parent.
  const children = binomialChildren(relative, size).reverse();
  const bundles = await Promise.all(children.map((child) => receive(toRank(child, root, size))));
  const parts = [mine, ...bundles.flatMap(unpackParts)];
  if (relative === 0) return Array.from({ length: size }, (_, other) => parts[fromRoot(other, root, size)]!);
  return void (await send(toRank(binomialParent(relative), root, size), packParts(parts)));
}

async function gatherTree(exchange: Exchange, { inlineBytes }: Choices, root: number, mine: Part) {
  const { rank, send, receive } = exchange;
  const isLarge = rank !== root && mine.bytes.length > inlineBytes;
  const alone = isLarge ? send(root, mine, 1) : undefined;
  const parts = await gatherBundle(exchange, root, isLarge ? straight : mine);
  await alone;
  if (parts === undefined) return undefined;
  return await Promise.all(parts.map((part, from) => (isStraight(part) ? receive(from, 1) : part)));
}

/** The root's parts, by rank, are given out; each member gets its own. */
export async function scatter(
  exchange: Exchange,
  choices: Choices,
  root: number,
  parts?: readonly Part[],
): Promise<Part> {
  return choices.flat(exchange.size)
    ? await scatterFlat(exchange, root, parts)
    : await scatterTree(exchange, choices, root, parts);
}

async function scatterFlat(
  { rank, size, send, receive }: Exchange,
  root: number,
  parts?: readonly Part[],
): Promise<Part> {
  if (rank !== root) return await receive(root);
  await Promise.all(othersOf(rank, size).map((to) => send(to, parts![to]!)));
  return parts![rank]!;
}

async function scatterTree(
  exchange: Exchange,
  { inlineBytes }: Choices,
  root: number,
  parts?: readonly Part[],
): Promise<Part> {
  const { rank, size, send, receive } = exchange;
  const relative = fromRoot(rank, root, size);
  const sends: Promise<void>[] = [];
  let bundle: readonly Part[];
  if (relative === 0) {
    const inOrder = Array.from({ length: size }, (_, at) => parts![toRank(at, root, size)]!);
    bundle = inOrder.map((part, at) => (at > 0 && part.bytes.length > inlineBytes ? straight : part));
    for (const [at, part] of inOrder.entries()) {
      if (isStraight(bundle[at]!)) sends.push(send(toRank(at, root, size), part, 1));
    }
  } else {
    bundle = unpackParts(await receive(toRank(binomialParent(relative), root, size)));
  }
  for (const child of binomialChildren(relative, size)) {
    const begin = child - relative;
    const subtree = bundle.slice(begin, begin + binomialSubtree(child, size));
    sends.push(send(toRank(child, root, size), packParts(subtree)));
  }
  const mine = isStraight(bundle[0]!) ? receive(root, 1) : bundle[0]!;
  await Promise.all(sends);
  return await mine;
}
