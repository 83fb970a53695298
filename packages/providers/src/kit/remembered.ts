// What is asked for once and then known: an address, a login.

/**
 * The same promise for all who ask while it is under way and once it is there. A failure is forgotten, so that the next
 * one asks again.
 *
 * @example
 * const address = remembered(() => lookUp(name));
 */
export function remembered<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let known: Promise<Value> | undefined;
  return () => {
    known ??= load().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
