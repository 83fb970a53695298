// Where to begin: k-means++ (Arthur and Vassilvitskii, 2007). Each centre is one of all workers' points, drawn with a
// chance that grows with the square of its distance from the centres before. All workers draw the same random numbers,
// so they need to tell each other only how much weight their points have.

import type { Worker } from "fnmesh";
import { type Centres, weightsOf } from "./clusters.ts";
import type { Points } from "./points.ts";

/** The same for any number of workers. As many as asked for, or as there are different points. */
export async function firstCentres(
  { rank, allGather, broadcast }: Pick<Worker, "rank" | "allGather" | "broadcast">,
  points: Points,
  count: number,
  random: () => number,
): Promise<Centres> {
  const { dimensions, values } = points;
  let centres: Centres = new Float64Array(0);
  while (centres.length < count * dimensions) {
    const weights = weightsOf(points, centres);
    const shares = await allGather(sumOf(weights));
    const total = sumOf(shares);
    if (total === 0) return centres;
    const { index: root, rest } = fallInto(shares, random() * total);
    // Only the worker that has the point knows where it is.
    const at = rank === root ? fallInto(weights, rest).index * dimensions : 0;
    const centre = await broadcast(rank === root ? values.slice(at, at + dimensions) : undefined, { root });
    centres = Float64Array.from([...centres, ...centre]);
  }
  return centres;
}

function sumOf(weights: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += weights[index]!;
  return sum;
}

/** Of weights laid end to end: the one that lies at `at`, and how far into it that is. */
function fallInto(weights: ArrayLike<number>, at: number): { index: number; rest: number } {
  let rest = at;
  let last = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index]!;
    if (weight === 0) continue;
    if (rest < weight) return { index, rest };
    rest -= weight;
    last = index;
  }
  // Rounding alone leads beyond the end.
  return { index: last, rest: weights[last] ?? 0 };
}

/** Numbers from 0 to 1 that follow from the seed: mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
