// What runs are priced by: the table, the prices in the file of settings over it, and those of `--prices` over both.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { type Pricing, pricedAs, resolvePrices } from "@fnmesh/orchestrator/cost";
import type { Config } from "../config/load-config.ts";

/** Rejects with INVALID_ARGUMENT that names the file or the field. */
export async function pricingOf(
  file: string | undefined,
  { prices, priceAs }: Pick<Config, "prices" | "priceAs">,
  cwd: string,
): Promise<Pricing> {
  const table = await resolvePrices(prices, await readPriceFile(file, cwd));
  if (priceAs === undefined) return { prices: table };
  // Told before anything is made: it throws where there are no such prices.
  const { platform } = pricedAs({ prices: table }, { priceAs });
  return { prices: table, priceAs: platform };
}

async function readPriceFile(file: string | undefined, cwd: string): Promise<unknown> {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(await readFile(resolve(cwd, file), "utf8"));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? "is not JSON" : "cannot be read";
    const detail = (cause as Error).message;
    throw new FnmeshError("INVALID_ARGUMENT", `the price file ${file} ${why}: ${detail}`, {
      cause,
      hint: 'It holds prices by platform: { "aws": { "s3-put": 0.004 } }. `fnmesh prices` lists what there is.',
    });
  }
}
