// What a container has loaded for jobs, by the hash of its text: a warm start needs no download.

export interface CodeCache {
  readonly hashes: readonly string[];
  /** A loaded job, or another module that goes with it. */
  get(hash: string): object | undefined;
  put(hash: string, loaded: object): void;
}

/** Oldest out first: a container that serves many jobs must not grow. */
const most = 8;

export function createCodeCache(): CodeCache {
  const loaded = new Map<string, object>();
  return {
    get hashes() {
      return [...loaded.keys()];
    },
    get: (hash) => loaded.get(hash),
    put(hash, made) {
      loaded.set(hash, made);
      const oldest = loaded.keys().next().value;
      if (loaded.size > most && oldest !== undefined) loaded.delete(oldest);
    },
  };
}
