import { resolvePrices, shippedPrices } from "@fnmesh/orchestrator/cost";
import { expect, test } from "vitest";
import { paint } from "../text/paint.ts";
import { priceLines } from "./prices.ts";

const shown = (table: Parameters<typeof priceLines>[0]) =>
  priceLines(table).map((line) => paint(line, { columns: Number.MAX_SAFE_INTEGER, colors: false }));

test("each platform has its prices with all their digits, dates and sources", () => {
  const lines = shown(shippedPrices);
  expect(lines.slice(0, 3).map((line) => line.replace(/ {2,}/g, " | "))).toEqual([
    "aws | AWS x86, us-east-1",
    "item | USD | per | seen | source",
    "compute | 0.0000166667 | GB-second | 2025 | AWS Lambda pricing, us-east-1, x86, first tier",
  ]);
  for (const platform of Object.keys(shippedPrices)) {
    expect(lines.filter((line) => line.startsWith(`${platform}  `))).toHaveLength(1);
  }
});

test("what was recalled, what is unknown and what was given says so", async () => {
  const lines = shown(await resolvePrices({ google: { relay: 2 } }));
  const fromGoogle = lines.slice(lines.findIndex((line) => line.startsWith("google")));
  const google = fromGoogle.slice(0, fromGoogle.indexOf(""));
  expect(google.find((line) => line.startsWith("compute "))).toMatch(/\(recalled, not checked\)$/);
  expect(google.find((line) => line.startsWith("relay "))).toMatch(/^relay +2 +hour +given +given$/);
  expect(google.at(-1)).toBe("no price is known for relay-traffic, zone-traffic, direct-traffic");
});
