// The round-trip time of a worker's control connection, from pings. Pure.

/** As TCP's own estimate (RFC 6298, section 2.3), but quicker to settle: a job has few samples. */
const gain = 1 / 4;

/**
 * A worker that computes answers late, which says nothing of its path: a sample counts for at most this much more
 * than the best one.
 */
const believedSlackMs = 50;

export class RoundTrip {
  #best = Number.POSITIVE_INFINITY;
  #smoothed: number | undefined;

  /** Undefined until the first sample. */
  get ms(): number | undefined {
    return this.#smoothed;
  }

  sample(ms: number): void {
    this.#best = Math.min(this.#best, ms);
    const believed = Math.min(ms, this.#best + believedSlackMs);
    this.#smoothed =
      this.#smoothed === undefined ? believed : this.#smoothed + gain * (believed - this.#smoothed);
  }
}
