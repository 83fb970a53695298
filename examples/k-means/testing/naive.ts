// K-means in the plainest way, on one machine, to compare with. Only the random numbers are the job's.

import { randomNumbers } from "../first-centres.ts";

type Point = readonly number[];

export interface Clusters {
  readonly centres: Point[];
  /** By point. */
  readonly nearest: number[];
  readonly inertia: number;
  readonly rounds: number;
}

const distanceOf = (one: Point, other: Point): number =>
  one.reduce((sum, value, index) => sum + (value - other[index]!) ** 2, 0);

const nearestDistance = (point: Point, centres: readonly Point[]): number =>
  Math.min(...centres.map((centre) => distanceOf(point, centre)));

function nearestOf(point: Point, centres: readonly Point[]): number {
  const distances = centres.map((centre) => distanceOf(point, centre));
  return distances.indexOf(Math.min(...distances));
}

function firstCentres(points: readonly Point[], k: number, random: () => number): Point[] {
  const centres: Point[] = [];
  while (centres.length < k) {
    const weights = points.map((point) => (centres.length === 0 ? 1 : nearestDistance(point, centres)));
    let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
    const chosen = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    centres.push(points[chosen]!);
  }
  return centres;
}

export function plainKMeans(points: readonly Point[], k: number, seed: number): Clusters {
  let centres = firstCentres(points, k, randomNumbers(seed));
  let nearest: number[] = [];
  for (let rounds = 1; ; rounds++) {
    const now = points.map((point) => nearestOf(point, centres));
    if (now.every((centre, index) => centre === nearest[index])) {
      const inertia = points.reduce((sum, point, index) => sum + distanceOf(point, centres[now[index]!]!), 0);
      return { centres, nearest, inertia, rounds };
    }
    nearest = now;
    centres = centres.map((before, centre) => {
      const own = points.filter((_, index) => now[index] === centre);
      if (own.length === 0) return before;
      return before.map((_, axis) => own.reduce((sum, point) => sum + point[axis]!, 0) / own.length);
    });
  }
}
