// Operations on each row by itself: rows go through in batches, so a step costs a call a row and nothing more.

import type { Batch, BatchStep, NarrowPlan, Plan, PlanPlace } from "./plan.ts";
import { userError } from "./user-error.ts";

type RowStep = (row: unknown, out: unknown[]) => void;

function narrow(label: string, from: Plan, stepOf: (place: PlanPlace) => RowStep): NarrowPlan {
  return {
    kind: "narrow",
    label,
    from,
    make(place): BatchStep {
      const step = stepOf(place);
      let before = 0;
      return (batch: Batch) => {
        const out: unknown[] = [];
        let index = 0;
        try {
          for (; index < batch.length; index += 1) step(batch[index], out);
        } catch (thrown) {
          throw userError(label, place.rank, before + index, thrown);
        }
        before += batch.length;
        return out;
      };
    },
  };
}

export const mapPlan = (from: Plan, map: (row: never) => unknown, label = "map"): Plan =>
  narrow(label, from, () => (row, out) => void out.push(map(row as never)));

export const filterPlan = (from: Plan, keep: (row: never) => unknown): Plan =>
  narrow("filter", from, () => (row, out) => {
    if (keep(row as never)) out.push(row);
  });

export const flatMapPlan = (from: Plan, map: (row: never) => Iterable<unknown>): Plan =>
  narrow("flatMap", from, () => (row, out) => {
    for (const each of map(row as never)) out.push(each);
  });

/** A 32-bit generator for samples (mulberry32): the same rows again with the same seed and the same workers. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mix = Math.imul(state ^ (state >>> 15), state | 1);
    mix ^= mix + Math.imul(mix ^ (mix >>> 7), mix | 61);
    return ((mix ^ (mix >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const samplePlan = (from: Plan, fraction: number, seed: number): Plan =>
  narrow(`sample ${fraction}`, from, ({ rank }) => {
    const next = randomNumbers(seed * 0x9e3779b1 + rank);
    return (row, out) => {
      if (next() < fraction) out.push(row);
    };
  });
