// What the object hub needs of a store of named values: S3, Memcached.

export interface ObjectRange {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface ObjectStore {
  /** The longest value that one `put` takes. */
  readonly mostBytes: number;
  /**
   * Resolves when it can be read by others, and the parts' memory is free. Rejects with STORE_UNAVAILABLE, STORE_AUTH
   * or STORE_FULL, after retries.
   */
  put(name: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<void>;
  /**
   * The bytes, in `into` when that is given (of exactly `length` bytes). Rejects with STORE_LOST when there is none of
   * that name or it is too short (expired, evicted, removed), or as `put`.
   */
  get(range: ObjectRange, signal: AbortSignal, into?: Uint8Array): Promise<Uint8Array>;
  /** What does not exist is removed already. */
  remove(names: readonly string[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
