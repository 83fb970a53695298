// Whose prices a run is shown at.

import { FnmeshError } from "@fnmesh/core";
import { presetPlatform } from "./prices/index.ts";
import type { PriceTable, Tariff } from "./tariff.ts";

export interface Pricing {
  readonly prices: PriceTable;
  /** The platform of jobs that do not name one. Default: the provider's own, or `aws` where it has none. */
  readonly priceAs?: string;
}

/** The platform that a run is priced as. */
export interface PricedAs {
  readonly platform: string;
  readonly tariff: Tariff;
}

/** Throws INVALID_ARGUMENT. */
export function pricedAs(
  { prices, priceAs: preset }: Pricing,
  { priceAs, provider }: { readonly priceAs?: string | undefined; readonly provider: string },
): PricedAs {
  const own = Object.hasOwn(prices, provider) ? provider : presetPlatform;
  const platform = priceAs ?? preset ?? own;
  const tariff = Object.hasOwn(prices, platform) ? prices[platform] : undefined;
  if (tariff !== undefined) return { platform, tariff };
  throw new FnmeshError("INVALID_ARGUMENT", `there are no prices of a platform "${platform}"`, {
    hint: `Known are: ${Object.keys(prices).join(", ")}.`,
  });
}
