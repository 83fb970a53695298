import { noUsage } from "@fnmesh/core/internal";
import { expect, test } from "vitest";
import { costOf } from "./ledger.ts";
import { type ItemName, itemNames } from "./price.ts";
import { priceRows } from "./price-list.ts";
import { type Platform, platforms, shippedPrices } from "./prices/index.ts";
import { resolvePrices } from "./resolve-prices.ts";
import { noRunUsage } from "./usage.ts";

test("without prices of one's own the table is the one that ships", async () => {
  expect(await resolvePrices()).toBe(shippedPrices);
  expect(await resolvePrices(undefined, undefined)).toBe(shippedPrices);
});

test("one's own price replaces that one only, and says whose it is", async () => {
  const table = await resolvePrices({ aws: { "s3-put": 0.004 } });
  expect(table.aws!.prices["s3-put"]).toEqual({ amount: 0.004, seen: "given", source: "given" });
  expect(table.aws!.prices["s3-get"]).toBe(shippedPrices.aws.prices["s3-get"]);
  expect(table.google).toBe(shippedPrices.google);
  expect(shippedPrices.aws.prices["s3-put"]?.amount).toBe(0.005);
});

test("a later layer wins, with date and source", async () => {
  const own = { amount: 1, seen: "2026-11", source: "our contract" };
  const table = await resolvePrices({ aws: { relay: 3, compute: 2 } }, { aws: { relay: own } });
  expect(table.aws!.prices.relay).toEqual(own);
  expect(table.aws!.prices.compute?.amount).toBe(2);
});

test("a price makes an unknown item known", async () => {
  expect(shippedPrices.google.unknown).toContain("relay-traffic");
  const table = await resolvePrices({ google: { "relay-traffic": 0.02 } });
  expect(table.google!.unknown).not.toContain("relay-traffic");
});

test("rules are overridden one by one", async () => {
  const { aws } = await resolvePrices({ aws: { rules: { minimumHours: 1 } } });
  expect(aws!.rules).toEqual({ ...shippedPrices.aws.rules, minimumHours: 1 });
});

test("a serverless memory store bills what it holds, a gigabyte at least, and by the kilobyte", async () => {
  const { aws } = await resolvePrices({ aws: { use: ["elasticache-serverless"] } });
  expect(aws!.prices["redis-node"]).toBeUndefined();
  const cost = costOf(
    {
      ...noRunUsage,
      servers: [{ kind: "redis", count: 1, ms: 360_000 }],
      stores: [
        {
          ...noUsage(),
          rung: "redis",
          commands: 1000,
          writtenBytes: 512_000_000,
          readBytes: 512_000_000,
          keptByteMs: 0,
        },
      ],
    },
    "aws",
    aws!,
  );
  expect(cost.lines.map(({ item, quantity, amount }) => [item, quantity, amount])).toEqual([
    ["redis-units", 1_000_000, 0.0034],
    ["redis-stored", 0.1, 0.0125],
  ]);
});

test("S3 Express has a price for bytes, where Standard has none", async () => {
  const { aws } = await resolvePrices({ aws: { use: ["s3-express"], "s3-get": 0.00002 } });
  expect(aws!.prices["s3-written"]?.amount).toBe(0.0032);
  expect(aws!.prices["s3-get"]?.amount).toBe(0.00002);
  expect(shippedPrices.aws.prices).not.toHaveProperty("s3-written");
});

test.each<[string, unknown, RegExp]>([
  ["no object", [], /^prices: /],
  ["an unknown platform", { awz: {} }, /"awz"/],
  ["an unknown item", { aws: { puts: 1 } }, /^prices\.aws: .*"puts"/],
  ["text for an amount", { aws: { compute: "0.1" } }, /^prices\.aws\.compute: expected an amount/],
  ["an amount below zero", { aws: { compute: -1 } }, /^prices\.aws\.compute: /],
  ["no number", { aws: { compute: { amount: Number.NaN } } }, /^prices\.aws\.compute/],
  ["a date that is none", { aws: { compute: { amount: 1, seen: "May" } } }, /^prices\.aws\.compute/],
  ["an unknown offer", { aws: { use: ["s3-glacier"] } }, /^prices\.aws\.use\.0: /],
  [
    "a granularity of nothing",
    { aws: { rules: { granularityMs: 0 } } },
    /^prices\.aws\.rules\.granularityMs/,
  ],
  ["an unknown rule", { aws: { rules: { freeTier: 1 } } }, /"freeTier"/],
])("refuses %s and names the field", async (_, override, message) => {
  await expect(resolvePrices(override)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(message),
  });
});

test("every price has an amount, a date and whose word it is", () => {
  for (const { platform, item, amount, seen, source } of priceRows(shippedPrices)) {
    expect([platform, item, amount >= 0, /^20\d\d(-\d\d){0,2}$/.test(seen), source.length > 5]).toEqual([
      ...[platform, item, true, true, true],
    ]);
  }
});

/** Platforms of which some stores and servers have no price that could be found: each such item is listed here. */
const notFound: Readonly<Partial<Record<Platform, readonly ItemName[]>>> = {
  ibm: ["s3-get", "redis-node", "memcached-node", "orchestrator", "relay", "address"],
  oracle: ["memcached-node", "address"],
};

test.each(platforms)("%s prices what every run needs", (platform) => {
  const { prices, unknown } = shippedPrices[platform];
  const absent = notFound[platform] ?? [];
  for (const item of ["compute", "invocations"] as const) expect(prices[item]?.amount).toBeGreaterThan(0);
  for (const item of [
    ...(["s3-put", "s3-get", "s3-list", "s3-stored"] as const),
    ...(["redis-node", "memcached-node", "orchestrator", "relay", "address"] as const),
  ]) {
    if (absent.includes(item)) expect([unknown.includes(item), item in prices]).toEqual([true, false]);
    else expect(prices[item]?.amount).toBeGreaterThan(0);
  }
  for (const item of ["relay-traffic", "zone-traffic", "direct-traffic"] as const) {
    expect(item in prices || unknown.includes(item)).toBe(true);
  }
  for (const item of unknown) expect(itemNames).toContain(item);
});
