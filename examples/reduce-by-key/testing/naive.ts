// The same counts in the plainest way, to compare with.

export function naiveCounts(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(/[A-Za-z]+/g)) {
      const lower = word.toLowerCase();
      counts.set(lower, (counts.get(lower) ?? 0) + 1);
    }
  }
  return counts;
}

/** Words are ASCII, so JavaScript's order is the byte order. */
export const naiveOutput = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([word, count]) => `${word}\t${count}\n`)
    .join("");

export const naiveTop = (counts: ReadonlyMap<string, number>, most: number) =>
  [...counts]
    .sort(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1))
    .slice(0, most)
    .map(([word, count]) => ({ word, count }));
