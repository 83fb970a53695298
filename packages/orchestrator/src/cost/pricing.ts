// Whose prices a run is shown at.

import { FnmeshError } from "@fnmesh/core";
import { presetPlatform } from "./prices/index.ts";
import type { PriceTable, Tariff } from "./tariff.ts";

export interface Pricing {
  readonly prices: PriceTable;
  /** The platform of jobs that do not name one. Default: whose bill they are on, or `aws` where they are on nobody's. */
  readonly priceAs?: string;
}

/** The platform that a run is priced as. */
export interface PricedAs {
  readonly platform: string;
  readonly tariff: Tariff;
  /** Its workers run elsewhere: the price is a yardstick, which nobody bills. */
  readonly comparison: boolean;
}

interface Priced {
  /** What the job itself wants to be priced as. */
  readonly priceAs?: string | undefined;
  /** Whose bill it is on, as its provider says; undefined: nobody's. */
  readonly own?: string | undefined;
}

/** Throws INVALID_ARGUMENT. */
export function pricedAs({ prices, priceAs: preset }: Pricing, { priceAs, own }: Priced): PricedAs {
  const known = own !== undefined && Object.hasOwn(prices, own) ? own : presetPlatform;
  const platform = priceAs ?? preset ?? known;
  const tariff = Object.hasOwn(prices, platform) ? prices[platform] : undefined;
  if (tariff !== undefined) return { platform, tariff, comparison: platform !== own };
  throw new FnmeshError("INVALID_ARGUMENT", `there are no prices of a platform "${platform}"`, {
    hint: `Known are: ${Object.keys(prices).join(", ")}.`,
  });
}
