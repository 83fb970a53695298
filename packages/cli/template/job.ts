// Counts the letters of any number of texts: each worker those of its part of the input; then the counts are added up.

import { defineJob, FnmeshError, type Worker } from "fnmesh";

const alphabet = [..."abcdefghijklmnopqrstuvwxyz"];

export interface Letters {
  readonly total: number;
  /** The most frequent ones first. */
  readonly top: readonly { readonly letter: string; readonly count: number }[];
}

export default defineJob({
  name: "letters",
  async run(worker): Promise<Letters | undefined> {
    const top = topOf(worker.params);
    const mine = await worker.stage("count", () => countLetters(worker));
    // A collective: all workers call it, and rank 0 gets the sums. Typed arrays are added element by element.
    const counts = await worker.stage("add up", () => worker.reduce(mine, "sum"));
    // What rank 0 returns is the job's result.
    return counts && lettersOf(counts, top);
  },
});

function topOf({ top = "5" }: Worker["params"]): number {
  if (/^\d+$/.test(top)) return Number(top);
  throw new FnmeshError("INVALID_ARGUMENT", `top=${top} is not a number of letters`, {
    hint: "Give a whole number, as in --param top=5.",
  });
}

async function countLetters({ input }: Worker): Promise<Float64Array> {
  const counts = new Float64Array(alphabet.length);
  for (const split of input) {
    for await (const chunk of split.chunks()) {
      for (const byte of chunk) {
        const letter = (byte | 0x20) - 0x61; // ASCII: `| 0x20` makes capitals small, 0x61 is the letter a
        if (letter >= 0 && letter < counts.length) counts[letter]! += 1;
      }
    }
  }
  return counts;
}

function lettersOf(counts: Float64Array, top: number): Letters {
  const letters = alphabet.map((letter, index) => ({ letter, count: counts[index]! }));
  return {
    total: counts.reduce((sum, count) => sum + count, 0),
    top: letters
      .filter(({ count }) => count > 0)
      .sort((one, other) => other.count - one.count)
      .slice(0, top),
  };
}
