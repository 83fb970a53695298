// When each side of a pair starts to dial, so that both do at one moment. Pure.

/** A path slower than this is mended by dialling again, not by waiting. */
const mostDelayMs = 500;

/**
 * An introduction reaches each side half a round trip after it is sent: the nearer side waits for the difference.
 * Without an estimate for both, nobody waits.
 */
export function dialDelays(
  roundTripA: number | undefined,
  roundTripB: number | undefined,
): readonly [number, number] {
  if (roundTripA === undefined || roundTripB === undefined) return [0, 0];
  const oneWayA = Math.max(0, roundTripA) / 2;
  const oneWayB = Math.max(0, roundTripB) / 2;
  const later = Math.max(oneWayA, oneWayB);
  return [delay(later - oneWayA), delay(later - oneWayB)];
}

/** Tenths of milliseconds are finer than any clock that is meant here, and short on the wire. */
const delay = (ms: number): number => Math.round(Math.min(ms, mostDelayMs) * 10) / 10;
