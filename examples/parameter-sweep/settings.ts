// What is swept: every combination of the ways in which the nearest neighbours of a sample can be asked for its species.

export const scales = ["none", "standard"] as const;
export const votes = ["equal", "by distance"] as const;
/** Minkowski's exponent: 1 adds up differences, 2 is Euclid's distance, larger ones look at the largest difference. */
export const exponents = [1, 2, 3, 4] as const;

export interface Setting {
  readonly neighbours: number;
  readonly exponent: number;
  readonly vote: (typeof votes)[number];
  readonly scale: (typeof scales)[number];
}

/** All settings, with 1, 3, 5, … up to `mostNeighbours` neighbours. */
export function settingsUpTo(mostNeighbours: number): Setting[] {
  const counts = Array.from({ length: Math.ceil(mostNeighbours / 2) }, (_, index) => 2 * index + 1);
  return scales.flatMap((scale) =>
    votes.flatMap((vote) =>
      exponents.flatMap((exponent) => counts.map((neighbours) => ({ neighbours, exponent, vote, scale }))),
    ),
  );
}
