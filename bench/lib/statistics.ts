// The few figures that the benchmarks state: medians and percentiles of what was measured, never means, because a
// shared machine's outliers go one way only.

/** The smallest value that at least `fraction` of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError("no values");
  if (!(fraction > 0 && fraction <= 1)) throw new RangeError(`not in (0, 1]: ${fraction}`);
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(fraction * sorted.length) - 1]!;
}

/** The middle value; for an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no values");
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** As many digits as a noisy machine's figures are worth, so that reports stay readable. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
