// The table row by row, for whoever shows it.

import { type ItemName, itemNames, items, type Price } from "./price.ts";
import type { PriceTable } from "./tariff.ts";

export interface PriceRow extends Price {
  readonly platform: string;
  readonly item: ItemName;
  /** What the amount is for: `million invocations`. */
  readonly per: string;
}

/** By platform, in the order of a cost's lines. */
export function priceRows(table: PriceTable): readonly PriceRow[] {
  return Object.entries(table).flatMap(([platform, { prices }]) =>
    itemNames.flatMap((item) => {
      const price = prices[item];
      return price === undefined ? [] : [{ platform, item, per: items[item].quoted, ...price }];
    }),
  );
}
