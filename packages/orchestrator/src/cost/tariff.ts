// A platform's way of billing, as data: its prices, and its rules for what counts.

import type { ItemName, Prices } from "./price.ts";

export interface BillingRules {
  /** A function's time is rounded up to a multiple of this. */
  readonly granularityMs: number;
  /** No invocation is billed for less. */
  readonly leastMs: number;
  /** A function's memory is rounded up to a multiple of this. */
  readonly memoryStepMb: number;
  /** The sizes that there are, ascending: memory is rounded up to one of them. */
  readonly memorySizesMb?: readonly number[];
  /** How much processor comes with how much memory, ascending; only where processors are paid apart. */
  readonly cpus?: readonly { readonly upToMb: number; readonly vcpus: number }[];
  /** How many megabytes are billed as one gigabyte of memory. Default: 1024. */
  readonly gigabyteMb?: number;
  /** What a server's hours are rounded up to at least. 0: the run's own part of an hour. */
  readonly minimumHours: number;
  /** A memory store that bills by what it holds bills this much at least, gigabytes. */
  readonly leastStoredGb: number;
}

export interface Tariff {
  /** As a person calls it: `AWS x86`. */
  readonly title: string;
  readonly region: string;
  readonly rules: BillingRules;
  /** What is not here costs nothing on this platform, or is in `unknown`. */
  readonly prices: Prices;
  /** What may cost something here, but nobody has told the table how much. */
  readonly unknown: readonly ItemName[];
}

/** By platform, as `--price-as` names them. */
export type PriceTable = Readonly<Record<string, Tariff>>;

export const currency = "USD";
