// Random values for made-up tables: the same again for the same seed.

export interface Random {
  /** A whole number from `from` to `to`, both among them. */
  whole(from: number, to: number): number;
  /** Hundredths: what money and rates are made of. */
  hundredths(from: number, to: number): number;
  oneOf<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
}

/** Of xorshift128 (Marsaglia, 2003), which repeats itself after 2^128 - 1 numbers. */
export function createRandom(seed: number): Random {
  const state = Uint32Array.of(seed, 0x9e3779b9, 0x243f6a88, 0xb7e15162);
  const next = (): number => {
    let mix = state[3]!;
    const first = state[0]!;
    state[3] = state[2]!;
    state[2] = state[1]!;
    state[1] = first;
    mix ^= mix << 11;
    mix ^= mix >>> 8;
    state[0] = mix ^ first ^ (first >>> 19);
    return state[0]! / 2 ** 32;
  };
  // The first numbers of small seeds are alike.
  for (let index = 0; index < 64; index += 1) next();
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    whole,
    hundredths: (from, to) => whole(from * 100, to * 100) / 100,
    oneOf: (values) => values[Math.floor(next() * values.length)]!,
    chance: (probability) => next() < probability,
  };
}
