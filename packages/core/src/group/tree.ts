// Who sends to whom in a tree over the ranks of a group, seen from its root. Pure.

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

/** All at once from the root, or on from each to the next. */
export const flatChildren = (relative: number, size: number): number[] =>
  relative === 0 ? Array.from({ length: size - 1 }, (_, index) => index + 1) : [];
export const chainChildren = (relative: number, size: number): number[] =>
  relative + 1 < size ? [relative + 1] : [];
