// What the object hub needs of a store of named values: S3, Memcached.

export interface ObjectStore {
  /** The longest value that one `put` takes. */
  readonly mostBytes: number;
  /** Resolves when it can be read by others. Rejects with STORE_UNAVAILABLE, STORE_AUTH or STORE_FULL, after retries. */
  put(name: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<void>;
  /**
   * `length` bytes from `offset` on, into `into` when given. Rejects with STORE_LOST when there is none of that name
   * (expired, evicted, removed), or as `put`.
   */
  get(name: string, offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** What does not exist is removed already. */
  remove(names: readonly string[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
