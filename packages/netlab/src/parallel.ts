// Many small asynchronous steps, a few at a time.

/** Runs `step` for every item, at most `limit` at once. Rejects with the first failure, when no step runs any more. */
export async function forEachBounded<T>(
  items: readonly T[],
  limit: number,
  step: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  // The iterator is shared: each lane takes the next item that no other has taken.
  const lane = async () => {
    for (const item of rest) {
      if (failures.length > 0) return;
      await step(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
}
