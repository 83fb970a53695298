// The price table that is in force.

import { shippedPrices } from "./prices/index.ts";
import type { PriceTable } from "./tariff.ts";

/**
 * The table that comes with fnmesh, with the user's prices over it; a later layer wins, `undefined` changes nothing.
 * Rejects with INVALID_ARGUMENT that names the wrong fields.
 *
 * @example
 * const prices = await resolvePrices({ aws: { "s3-put": 0.004, use: ["elasticache-serverless"] } });
 */
export async function resolvePrices(...overrides: readonly unknown[]): Promise<PriceTable> {
  const layers = overrides.filter((override) => override !== undefined);
  if (layers.length === 0) return shippedPrices;
  const { overridePrices } = await import("./override.ts");
  return layers.reduce<PriceTable>(overridePrices, shippedPrices);
}
