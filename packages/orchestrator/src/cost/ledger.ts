// What a run cost: usage in, lines out. Pure.

import { type CostGroup, type ItemName, itemNames, items, unitPriceOf } from "./price.ts";
import { type Quantities, quantitiesOf } from "./quantities.ts";
import { currency, type Tariff } from "./tariff.ts";
import type { RunUsage } from "./usage.ts";

export interface CostLine {
  readonly item: ItemName;
  readonly group: CostGroup;
  readonly quantity: number;
  readonly unit: string;
  readonly unitPrice: number;
  /** Quantity times unit price, to 1e-12. */
  readonly amount: number;
  /** When the price was seen, as in the price table. */
  readonly seen: string;
}

export interface Cost {
  readonly currency: string;
  /** The sum of the lines. */
  readonly total: number;
  /** Whose prices: a platform's name and title. */
  readonly platform: string;
  readonly title: string;
  /** In the price table's order, none of nothing. */
  readonly lines: readonly CostLine[];
  /** What was used, and the platform may charge for, but has no price in the table. */
  readonly unpriced: readonly ItemName[];
}

/** What a run came to, as its report says it. */
export interface RunCost extends Cost {
  /** The run was not on that platform, or the user asked for another one's prices: a yardstick, which nobody bills. */
  readonly comparison: boolean;
}

/**
 * What `usage` comes to. There is no free tier in it: that is an account's, not a run's.
 *
 * @example
 * const { total } = costOf(usage, "aws", shippedPrices.aws);
 */
export function costOf(usage: RunUsage, platform: string, tariff: Tariff): Cost {
  const quantities = quantitiesOf(usage, tariff.rules);
  const lines = itemNames.flatMap((item) => lineOf(item, quantities, tariff));
  return {
    currency,
    total: exact(lines.reduce((sum, { amount }) => sum + amount, 0)),
    platform,
    title: tariff.title,
    lines,
    unpriced: tariff.unknown.filter((item) => quantities[item] > 0),
  };
}

function lineOf(item: ItemName, quantities: Quantities, { prices }: Tariff): CostLine[] {
  const price = prices[item];
  if (price === undefined) return [];
  const quantity = quantities[item];
  const unitPrice = unitPriceOf(item, price);
  const amount = exact(quantity * unitPrice);
  if (amount === 0) return [];
  const { group, unit } = items[item];
  return [{ item, group, quantity, unit, unitPrice, amount, seen: price.seen }];
}

/** Without what floats add below a trillionth of a dollar. */
const exact = (amount: number): number => Math.round(amount * 1e12) / 1e12;

/** The sums of a cost's lines by what they are for. */
export function byGroup({ lines }: Pick<Cost, "lines">): Readonly<Partial<Record<CostGroup, number>>> {
  const sums: Partial<Record<CostGroup, number>> = {};
  for (const { group, amount } of lines) sums[group] = exact((sums[group] ?? 0) + amount);
  return sums;
}

/** What takes twice as much of these takes twice the time. */
const timed: ReadonlySet<string> = new Set(["GB-s", "vCPU-s", "h", "GB-h"]);

/**
 * The cost of a run whose clock went `factor` times too slow: what is paid by time counts so much less, the rest as it
 * is. Times that were rounded up stay so.
 */
export function withTimeDividedBy(factor: number, cost: Cost): Cost {
  const lines = cost.lines.map((line) => {
    if (!timed.has(line.unit)) return line;
    return { ...line, quantity: line.quantity / factor, amount: exact(line.amount / factor) };
  });
  return { ...cost, lines, total: exact(lines.reduce((sum, { amount }) => sum + amount, 0)) };
}

/** Of a run that used nothing. */
export const noCost = (platform: string, title: string): Cost => ({
  currency,
  total: 0,
  platform,
  title,
  lines: [],
  unpriced: [],
});
