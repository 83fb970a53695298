import { expect, test } from "vitest";
import { shippedPrices } from "./prices/index.ts";
import { pricedAs } from "./pricing.ts";

const prices = shippedPrices;

test.each<[string, string | undefined, string | undefined, string, string]>([
  ["the job's own word", "google", "azure", "aws-arm64", "google"],
  ["else the preset", undefined, "azure", "aws-arm64", "azure"],
  ["else the provider's own platform", undefined, undefined, "aws-arm64", "aws-arm64"],
  ["else AWS", undefined, undefined, "local", "aws"],
])("a run is priced as %s", (_, priceAs, preset, provider, platform) => {
  const pricing = preset === undefined ? { prices } : { prices, priceAs: preset };
  const found = pricedAs(pricing, { priceAs, provider });
  expect(found.platform).toBe(platform);
  expect(found.tariff).toBe(prices[platform as keyof typeof prices]);
});

test.each(["awz", "", "toString"])("a platform %j has no prices", (priceAs) => {
  expect(() => pricedAs({ prices }, { priceAs, provider: "local" })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringContaining("aws, aws-arm64") }),
  );
});
