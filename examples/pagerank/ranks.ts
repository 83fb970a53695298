// One round of PageRank, as far as one worker's vertices are concerned. Pure.

import { firstSlots, type Links } from "./shard.ts";

/** The chance that a reader follows a link instead of going anywhere: that of Brin and Page (1998). */
export const damping = 0.85;

/** How many links each vertex has. */
export function degreesOf({ sources }: Pick<Links, "sources">, vertices: number): Uint32Array {
  const degrees = new Uint32Array(vertices);
  for (const source of sources) degrees[source]! += 1;
  return degrees;
}

/** What the vertices give to those that they link to, for each rank in the order of its slots. */
export function given(ranks: Float64Array, degrees: Uint32Array, links: Links): Float64Array[] {
  const firsts = firstSlots(links.wanted);
  const slots = new Float64Array(firsts.at(-1)!);
  const { sources, slots: slotOf } = links;
  for (let link = 0; link < sources.length; link++) {
    const source = sources[link]!;
    slots[slotOf[link]!]! += ranks[source]! / degrees[source]!;
  }
  return links.wanted.map((_, rank) => slots.subarray(firsts[rank], firsts[rank + 1]));
}

/** The ranks after the round. `received[r][i]` is for the vertex `inlets[r][i]`; `base` is everybody's. */
export function taken(
  vertices: number,
  base: number,
  received: readonly Float64Array[],
  inlets: readonly Uint32Array[],
): Float64Array {
  const ranks = new Float64Array(vertices).fill(base);
  for (const [from, numbers] of received.entries()) {
    const inlet = inlets[from]!;
    for (let index = 0; index < numbers.length; index++) ranks[inlet[index]!]! += damping * numbers[index]!;
  }
  return ranks;
}

/** The ranks of vertices without links, which nobody is given: everybody gets a part. */
export function dangling(ranks: Float64Array, degrees: Uint32Array): number {
  let sum = 0;
  for (let vertex = 0; vertex < ranks.length; vertex++) if (degrees[vertex] === 0) sum += ranks[vertex]!;
  return sum;
}

/** By how much all ranks have changed. */
export function changeOf(before: Float64Array, after: Float64Array): number {
  let sum = 0;
  for (let vertex = 0; vertex < after.length; vertex++) sum += Math.abs(after[vertex]! - before[vertex]!);
  return sum;
}
