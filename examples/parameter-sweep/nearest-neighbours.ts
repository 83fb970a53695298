// How good a setting is: each sample's species is guessed from its nearest neighbours among all others (leave-one-out
// cross-validation), and right guesses are counted. Pure, and the part that takes time.

import type { Sample } from "./penguins.ts";
import type { Setting } from "./settings.ts";

type Guess = Pick<Setting, "neighbours" | "exponent" | "vote">;

interface Neighbour {
  readonly distance: number;
  readonly species: string;
}

export function countRight(samples: readonly Sample[], setting: Guess): number {
  return samples.filter((sample) => guess(samples, sample, setting) === sample.species).length;
}

/** The species of one of the samples, as the others have it. */
export function guess(
  samples: readonly Sample[],
  sample: Sample,
  { neighbours, exponent, vote }: Guess,
): string {
  const votes = new Map<string, number>();
  for (const { distance, species } of nearest(samples, sample, neighbours, exponent)) {
    // A twin's word is worth much, not all.
    const weight = vote === "equal" ? 1 : 1 / (distance + 1e-9);
    votes.set(species, (votes.get(species) ?? 0) + weight);
  }
  // Of equal ones, that of the nearest neighbour.
  let [best, most] = ["", 0];
  for (const [species, weight] of votes) if (weight > most) [best, most] = [species, weight];
  return best;
}

/** In the order of their distances; of equally far ones, the first. */
function nearest(samples: readonly Sample[], sample: Sample, count: number, exponent: number): Neighbour[] {
  const found: { power: number; species: string }[] = [];
  for (const other of samples) {
    if (other === sample) continue;
    const power = powerOf(sample.measured, other.measured, exponent);
    if (found.length === count && power >= found[count - 1]!.power) continue;
    const at = found.findIndex((each) => power < each.power);
    found.splice(at < 0 ? found.length : at, 0, { power, species: other.species });
    if (found.length > count) found.pop();
  }
  return found.map(({ power, species }) => ({ distance: power ** (1 / exponent), species }));
}

/** The distance to the power of its exponent: the nearer has the smaller one, and no root is drawn. */
function powerOf(one: readonly number[], other: readonly number[], exponent: number): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += Math.abs(one[index]! - other[index]!) ** exponent;
  return sum;
}
