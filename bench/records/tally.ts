// What a worker counts of each round, so that a wrong result shows: what all workers together made must be what all
// together reduced, record by record and value by value.

import { mixTwo } from "./random.ts";
import type { Reduced } from "./reduced.ts";

/** Sums modulo 2^32; `hashes` of the records' checksums. */
export interface Tally {
  readonly records: number;
  readonly hashes: number;
  readonly values: number;
}

export interface RoundTally {
  readonly made: Tally;
  readonly reduced: Tally;
  /** Bytes of records that went to other workers. */
  readonly sentBytes: number;
  /** Records that came to this worker though another one reduces their key. */
  readonly strays: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => (total + each) >>> 0, 0);

const sumOf = (tallies: readonly Tally[]): Tally => ({
  records: tallies.reduce((total, { records }) => total + records, 0),
  hashes: sum(tallies.map(({ hashes }) => hashes)),
  values: sum(tallies.map(({ values }) => values)),
});

/** What is wrong with the rounds of all workers (`rounds[rank][round]`), or nothing. */
export function wrongWith(rounds: readonly (readonly RoundTally[])[]): string | undefined {
  const count = rounds[0]?.length ?? 0;
  for (let round = 0; round < count; round += 1) {
    const tallies = rounds.map((own) => own[round]!);
    const made = sumOf(tallies.map((tally) => tally.made));
    const reduced = sumOf(tallies.map((tally) => tally.reduced));
    const strays = tallies.reduce((total, tally) => total + tally.strays, 0);
    for (const what of ["records", "hashes", "values"] as const) {
      if (made[what] !== reduced[what])
        return `round ${round + 1}: ${what} made: ${made[what]}, reduced: ${reduced[what]}`;
    }
    if (strays > 0) return `round ${round + 1}: ${strays} records came to the wrong worker`;
  }
  return rounds.some((own) => own.length !== count) ? "not all workers did all rounds" : undefined;
}

/** Of a worker's keys and sums, modulo 2^32: the same result gives the same digest, in any order. */
export function digestOf({ size, lows, highs, sums }: Reduced): number {
  let digest = 0;
  for (let place = 0; place < size; place += 1) {
    digest = (digest + mixTwo(mixTwo(lows[place]!, highs[place]!), sums[place]!)) >>> 0;
  }
  return digest;
}

export const joinDigests = sum;
