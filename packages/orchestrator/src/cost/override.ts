// The user's own prices over the table's, checked at the edge. Loaded only where somebody gives some: it brings zod.

import { FnmeshError } from "@fnmesh/core";
import { z } from "zod";
import { type ItemName, itemNames, type Price, type Prices } from "./price.ts";
import { type StoreOffer, storeOfferNames, storeOffers } from "./prices/stores.ts";
import type { PriceTable, Tariff } from "./tariff.ts";

const amount = z.number().nonnegative();
const given = {
  seen: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, "expected a date: a year, a month or a day, as 2026-11")
    .optional(),
  source: z.string().min(1).max(512).optional(),
};
const price = z.union([amount, z.strictObject({ amount, ...given })], {
  error: "expected an amount of 0 or more, or { amount, seen, source }",
});
const rules = z
  .strictObject({
    granularityMs: z.number().positive(),
    leastMs: z.number().nonnegative(),
    memoryStepMb: z.number().positive(),
    minimumHours: z.number().nonnegative(),
    leastStoredGb: z.number().nonnegative(),
  })
  .partial();
const tariff = z
  .strictObject({
    ...(Object.fromEntries(itemNames.map((item) => [item, price])) as Record<ItemName, typeof price>),
    use: z.array(z.enum(storeOfferNames)),
    rules,
  })
  .partial();
type Override = z.infer<typeof tariff>;

/** `table` with one more layer of prices over it. Throws INVALID_ARGUMENT that names every wrong field. */
export function overridePrices(table: PriceTable, override: unknown): PriceTable {
  const known = Object.fromEntries(Object.keys(table).map((platform) => [platform, tariff]));
  const result = z.strictObject(known).partial().safeParse(override);
  if (!result.success) throw wrongFields(result.error);
  const changed = { ...table };
  for (const [platform, change] of Object.entries(result.data)) {
    if (change !== undefined) changed[platform] = overriding(table[platform]!, change);
  }
  return changed;
}

function wrongFields({ issues }: z.ZodError): FnmeshError {
  const told = issues.slice(0, 5).map(({ path, message }) => `${["prices", ...path].join(".")}: ${message}`);
  return new FnmeshError("INVALID_ARGUMENT", told.join("; "), {
    hint: "`fnmesh prices` lists platforms, items and units; docs/COST.md has an example.",
  });
}

function overriding(base: Tariff, { use = [], rules: changed = {}, ...own }: Override): Tariff {
  const offers = use.map((name): StoreOffer => storeOffers[name]);
  let prices: Prices = base.prices;
  for (const { replaces, prices: offered } of offers) prices = { ...without(prices, replaces), ...offered };
  const givenPrices = Object.entries(defined(own)).map(([item, value]) => [item, priceOf(value)]);
  prices = { ...prices, ...Object.fromEntries(givenPrices) };
  return {
    ...base,
    prices,
    rules: {
      ...Object.assign({}, base.rules, ...offers.map((offer) => offer.rules ?? {})),
      ...defined(changed),
    },
    unknown: base.unknown.filter((item) => prices[item] === undefined),
  };
}

const without = (prices: Prices, names: readonly ItemName[]): Prices =>
  Object.fromEntries(Object.entries(prices).filter(([item]) => !names.includes(item as ItemName)));

function priceOf(value: NonNullable<Override[ItemName]>): Price {
  const { amount, seen = "given", source = "given" } = typeof value === "number" ? { amount: value } : value;
  return { amount, seen, source };
}

const defined = <T extends object>(object: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
