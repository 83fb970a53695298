// Which bytes of the spool belong to which rank. Pure. One entry for each stretch that a rank wrote without another
// one in between, so the memory it takes is bounded by the number of writes, at 16 bytes each.

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface Extents {
  /** Takes the next `length` bytes of the spool for a rank; returns where they begin. */
  append(rank: number, length: number): number;
  /** All stretches, in the order of ranks, and of their writes within a rank. */
  inOrder(): Iterable<Extent>;
}

export function createExtents(): Extents {
  /** For each rank: offset, length, offset, length, … */
  const byRank = new Map<number, number[]>();
  let end = 0;
  return {
    append(rank, length) {
      const offset = end;
      end += length;
      const mine = byRank.get(rank) ?? [];
      byRank.set(rank, mine);
      const lastLength = mine.at(-1) ?? 0;
      if (mine.length > 0 && mine.at(-2)! + lastLength === offset)
        mine[mine.length - 1] = lastLength + length;
      else mine.push(offset, length);
      return offset;
    },
    *inOrder() {
      for (const rank of [...byRank.keys()].sort((one, other) => one - other)) {
        const mine = byRank.get(rank)!;
        for (let at = 0; at < mine.length; at += 2) yield { offset: mine[at]!, length: mine[at + 1]! };
      }
    },
  };
}
