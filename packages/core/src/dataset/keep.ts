// What a running plan has opened and must not outlive it: tables, sorters, stores, shuffles on their way.

export interface Kept {
  /** May be called twice. */
  close(): void;
  /** Bytes of memory that it takes, about. */
  readonly memoryBytes?: number;
  /** Goes on with what it holds on disk. */
  toDisk?(): void;
}

export class Keep implements Kept {
  readonly #kept = new Set<Kept>();

  add<T extends Kept>(kept: T): T {
    this.#kept.add(kept);
    return kept;
  }

  /** It lives on by itself. */
  release(kept: Kept): void {
    this.#kept.delete(kept);
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const { memoryBytes = 0 } of this.#kept) bytes += memoryBytes;
    return bytes;
  }

  /** What takes most goes to disk, until all together take no more than this. */
  makeRoom(mostBytes: number): void {
    let bytes = this.memoryBytes;
    const largestFirst = [...this.#kept].sort(
      (left, right) => (right.memoryBytes ?? 0) - (left.memoryBytes ?? 0),
    );
    for (const kept of largestFirst) {
      if (bytes <= mostBytes) return;
      bytes -= kept.memoryBytes ?? 0;
      kept.toDisk?.();
    }
  }

  /** May be called twice. */
  close(): void {
    for (const kept of this.#kept) kept.close();
    this.#kept.clear();
  }
}
