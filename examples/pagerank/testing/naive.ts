// PageRank in the plainest way, on one machine, to compare with: from the definition, a vertex at a time.

import type { Vertex } from "../formats.ts";

export interface PlainGraph {
  readonly ranks: ReadonlyMap<string, number>;
  readonly edges: number;
}

/** Rounds until all ranks together change by less than 1e-12. */
export function plainPageRank(vertices: readonly Vertex[]): PlainGraph {
  const names = [...new Set(vertices.flatMap(({ name, targets }) => [name, ...targets]))];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const links = names.map((): number[] => []);
  for (const { name, targets } of vertices) {
    for (const target of targets) links[numbers.get(name)!]!.push(numbers.get(target)!);
  }
  let ranks = names.map(() => 1 / names.length);
  for (let change = 1; change >= 1e-12; ) {
    const next = nextRanks(links, ranks);
    change = next.reduce((sum, rank, vertex) => sum + Math.abs(rank - ranks[vertex]!), 0);
    ranks = next;
  }
  return {
    ranks: new Map(names.map((name, vertex) => [name, ranks[vertex]!])),
    edges: links.reduce((sum, targets) => sum + targets.length, 0),
  };
}

function nextRanks(links: readonly (readonly number[])[], ranks: readonly number[]): number[] {
  const next = ranks.map(() => 0);
  let lost = 0;
  for (const [vertex, targets] of links.entries()) {
    if (targets.length === 0) lost += ranks[vertex]!;
    for (const target of targets) next[target]! += ranks[vertex]! / targets.length;
  }
  return next.map((rank) => 0.15 / links.length + 0.85 * (rank + lost / links.length));
}
