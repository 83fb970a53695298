import { expect, test } from "vitest";
import { presetPlatform, shippedPrices } from "./prices/index.ts";
import { pricedAs } from "./pricing.ts";

const prices = shippedPrices;

test.each<[string, string | undefined, string | undefined, string | undefined, string, boolean]>([
  ["the job's own word", "google", "azure", "aws-arm64", "google", true],
  ["else the preset", undefined, "azure", "aws-arm64", "azure", true],
  ["else whose bill it is on", undefined, undefined, "aws-arm64", "aws-arm64", false],
  ["else AWS", undefined, undefined, undefined, "aws", true],
  ["the job's own word, where that is whose bill it is on", "ibm", "azure", "ibm", "ibm", false],
  [
    "the preset, where that is whose bill it is on",
    undefined,
    "azure-flex",
    "azure-flex",
    "azure-flex",
    false,
  ],
  ["AWS, where the bill is by prices that the table has not", undefined, undefined, "toString", "aws", true],
])("a run is priced as %s", (_, priceAs, preset, own, platform, comparison) => {
  const pricing = preset === undefined ? { prices } : { prices, priceAs: preset };
  const found = pricedAs(pricing, { priceAs, own });
  expect(found).toMatchObject({ platform, comparison });
  expect(found.tariff).toBe(prices[platform as keyof typeof prices]);
});

test("an operator's own machines are compared with AWS", () => {
  expect(presetPlatform).toBe("aws");
});

test.each(["awz", "", "toString"])("a platform %j has no prices", (priceAs) => {
  expect(() => pricedAs({ prices }, { priceAs })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringContaining("aws, aws-arm64") }),
  );
});
