// The round-trip time of a worker's control connection, from pings. Pure.
//
// It is used to make two workers dial at one moment, so what counts is the path. A worker that computes, or has just
// started on a busy machine, answers late, which says nothing of its path: so the estimate is the least of the last
// samples and not their average.

/** So many that a busy stretch does not fill them, so few that a path which became slower is noticed in a minute. */
const keptSamples = 8;

export class RoundTrip {
  #samples: readonly number[] = [];

  /** Undefined until the first sample. */
  get ms(): number | undefined {
    return this.#samples.length === 0 ? undefined : Math.min(...this.#samples);
  }

  sample(ms: number): void {
    this.#samples = [...this.#samples, ms].slice(-keptSamples);
  }
}
