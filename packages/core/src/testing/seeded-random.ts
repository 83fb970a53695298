// Random numbers that a seed decides, so that a failing run can be run again. Never for anything secret.

import type { Random } from "../env/env.ts";

export interface SeededRandom extends Random {
  /** 0 <= n < 1. */
  unit(): number;
  /** An independent source: who draws from it does not change what others draw. */
  fork(name: string): SeededRandom;
}

/** FNV-1a: spreads a name over 32 bits. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return state >>> 0;
}

/** One step of splitmix32, a small generator that passes the usual statistical tests. */
function mix(state: number): number {
  let word = state ^ (state >>> 16);
  word = Math.imul(word, 0x21f0aaad);
  word ^= word >>> 15;
  word = Math.imul(word, 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}

/**
 * @example
 * const random = seededRandom(42);
 * random.int(1, 7); // the same throw of the die in every run
 */
export function seededRandom(seed: number | string): SeededRandom {
  const origin = hash(String(seed));
  let state = origin;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state);
  };
  const unit = (): number => word() / 2 ** 32;
  return {
    unit,
    bytes: (count) => Uint8Array.from({ length: count }, () => word() & 0xff),
    int: (from, to) => {
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to <= from) {
        throw new RangeError(`no whole number lies in ${from} to ${to}`);
      }
      // 53 bits, so that wide ranges are covered too.
      const fine = (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
      return from + Math.floor(fine * (to - from));
    },
    fork: (name) => seededRandom(`${origin}/${name}`),
  };
}
