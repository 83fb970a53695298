// How long the job's connections took to make, over all workers. Pure.
//
// A worker counts from its own start, which the orchestrator does not know. But both know one moment: when the worker
// first asked to be connected (or was first introduced) is when the orchestrator heard of it (or said so).

export class ConnectTimes {
  readonly #firstAt = new Map<number, number>();
  readonly #spanMs = new Map<number, number>();

  /** Something about connections passed between the worker and the orchestrator. The first time counts. */
  touched(rank: number, nowMs: number): void {
    if (!this.#firstAt.has(rank)) this.#firstAt.set(rank, nowMs);
  }

  /** The worker's own first request and last standing connection. */
  told(rank: number, { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number }): void {
    this.#spanMs.set(rank, Math.max(0, lastMs - firstMs));
  }

  /** From the first connection asked for to the last one made; 0 when there was none. */
  totalMs(): number {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const [rank, span] of this.#spanMs) {
      const at = this.#firstAt.get(rank);
      if (at === undefined) continue;
      first = Math.min(first, at);
      last = Math.max(last, at + span);
    }
    return last > first ? Math.round(last - first) : 0;
  }
}
