// What one worker adds to a round of k-means: for its own points, the nearest centres, and the sums that the next
// centres are made of. Pure.

import { countOf, type Points } from "./points.ts";

/** Centre c is centres[c * dimensions] and those after it. */
export type Centres = Float64Array;

/** What the workers' points add up to; the sum of two is that of the points of both. */
export interface Sums {
  /** For each centre, the coordinates of its points added up, and their number. */
  readonly totals: Float64Array;
  /** The points' squared distances from their centres. */
  readonly inertia: number;
  /** How many points have another centre than before. */
  readonly changed: number;
}

export function squaredDistance(
  values: Float64Array,
  at: number,
  centres: Centres,
  centreAt: number,
  dimensions: number,
): number {
  let sum = 0;
  for (let index = 0; index < dimensions; index++) {
    const difference = values[at + index]! - centres[centreAt + index]!;
    sum += difference * difference;
  }
  return sum;
}

/** Puts the number of each point's nearest centre into `nearest`, which has those of the round before. */
export function assign(points: Points, centres: Centres, nearest: Int32Array): Sums {
  const { dimensions, values } = points;
  const width = dimensions + 1;
  const totals = new Float64Array((centres.length / dimensions) * width);
  let inertia = 0;
  let changed = 0;
  for (let point = 0; point < nearest.length; point++) {
    const at = point * dimensions;
    const { centre, distance } = nearestOf(values, at, centres, dimensions);
    inertia += distance;
    if (centre !== nearest[point]) changed += 1;
    nearest[point] = centre;
    for (let index = 0; index < dimensions; index++) totals[centre * width + index]! += values[at + index]!;
    totals[centre * width + dimensions]! += 1;
  }
  return { totals, inertia, changed };
}

/** Of equally near ones, the first. */
function nearestOf(values: Float64Array, at: number, centres: Centres, dimensions: number) {
  let centre = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (let centreAt = 0; centreAt < centres.length; centreAt += dimensions) {
    const other = squaredDistance(values, at, centres, centreAt, dimensions);
    if (other < distance) [centre, distance] = [centreAt / dimensions, other];
  }
  return { centre, distance };
}

/** The means of the centres' points. A centre without points stays where it is. */
export function centresOf(totals: Float64Array, before: Centres, dimensions: number): Centres {
  const width = dimensions + 1;
  return before.map((value, index) => {
    const centre = Math.floor(index / dimensions);
    const points = totals[centre * width + dimensions]!;
    return points === 0 ? value : totals[centre * width + (index % dimensions)]! / points;
  });
}

/** How many points each centre has. */
export const sizesOf = (totals: Float64Array, dimensions: number): number[] =>
  [...totals].filter((_, index) => index % (dimensions + 1) === dimensions);

/** Each point's squared distance from the nearest of the centres so far; 1 for all while there is none. */
export function weightsOf(points: Points, centres: Centres): Float64Array {
  const weights = new Float64Array(countOf(points)).fill(1);
  if (centres.length === 0) return weights;
  return weights.map(
    (_, point) => nearestOf(points.values, point * points.dimensions, centres, points.dimensions).distance,
  );
}
