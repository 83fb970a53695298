// Who sends to whom: round the ring of a group's ranks, and in a tree over them, seen from its root. Pure.

/** All ranks round the ring, from this one on. */
export const ranksFrom = (rank: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => (rank + index) % size);

/** All ranks but this one, its right neighbour first: so not everybody begins with rank 0. */
export const othersOf = (rank: number, size: number): number[] => ranksFrom(rank, size).slice(1);

/** The rank that `rank` would have if the root were rank 0; and back. */
export const fromRoot = (rank: number, root: number, size: number): number => (rank - root + size) % size;
export const toRank = (relative: number, root: number, size: number): number => (relative + root) % size;

/** The binomial tree: each round doubles those who have it, so log2(size) rounds reach all. Largest subtree first. */
export function binomialChildren(relative: number, size: number): number[] {
  const children: number[] = [];
  for (let step = 1; relative + step < size && (relative & step) === 0; step *= 2) {
    children.push(relative + step);
  }
  return children.reverse();
}

export function binomialParent(relative: number): number {
  return relative & (relative - 1);
}

/** How many ranks the subtree of `relative` has; they follow it without a gap. */
export function binomialSubtree(relative: number, size: number): number {
  const span = relative === 0 ? size : relative & -relative;
  return Math.min(span, size - relative);
}

/** A tree of the ranks seen from the root: children in the order in which they are served. */
export interface Tree {
  children(relative: number, size: number): number[];
  /** Of any rank but the root. */
  parent(relative: number): number;
}

export const trees = {
  /** All at once from the root. */
  flat: {
    children: (relative, size) => (relative === 0 ? othersOf(0, size) : []),
    parent: () => 0,
  },
  binomial: { children: binomialChildren, parent: binomialParent },
  /** Nobody sends a byte more than twice. */
  binary: {
    children: (relative, size) => [2 * relative + 1, 2 * relative + 2].filter((child) => child < size),
    parent: (relative) => (relative - 1) >> 1,
  },
  /** Nobody sends a byte more than once. */
  chain: {
    children: (relative, size) => (relative + 1 < size ? [relative + 1] : []),
    parent: (relative) => relative - 1,
  },
} as const satisfies Record<string, Tree>;
