// The prices' door, apart from the orchestrator's own: who only looks at the table need not load a server.

export {
  byGroup,
  type Cost,
  type CostLine,
  costOf,
  noCost,
  type RunCost,
  withTimeDividedBy,
} from "./ledger.ts";
export {
  type CostGroup,
  costGroups,
  type ItemName,
  itemNames,
  items,
  type Price,
  type Prices,
} from "./price.ts";
export { type PriceRow, priceRows } from "./price-list.ts";
export { type Platform, platforms, presetPlatform, shippedPrices } from "./prices/index.ts";
export { type StoreOfferName, storeOfferNames, storeOffers } from "./prices/stores.ts";
export { type PricedAs, type Pricing, pricedAs } from "./pricing.ts";
export { resolvePrices } from "./resolve-prices.ts";
export { type BillingRules, currency, type PriceTable, type Tariff } from "./tariff.ts";
export { noRunUsage, type RungUsage, type RunUsage, type ServerKind, type ServerUsage } from "./usage.ts";
