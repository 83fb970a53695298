// docs/COST.md shows every price that ships, and no other.

import { readFileSync } from "node:fs";
import {
  type PriceTable,
  priceRows,
  shippedPrices,
  storeOffers,
  type Tariff,
} from "@fnmesh/orchestrator/cost";
import { expect, test } from "vitest";

const text = readFileSync(new URL("../docs/COST.md", import.meta.url), "utf8");

const rowsBelow = (heading: string): string[] => {
  const section = text.slice(text.indexOf(`\n${heading}\n`) + heading.length + 2);
  const end = section.search(/^#/m);
  return (end < 0 ? section : section.slice(0, end)).split("\n").filter((line) => /^\| `/.test(line));
};

/** One row for each price; platforms that share it stand together. */
function expectedRows(table: PriceTable): string[] {
  const rows = new Map<string, string[]>();
  for (const { platform, item, amount, per, seen, source, recalled } of priceRows(table)) {
    const figure = amount.toFixed(10).replace(/\.?0+$/, "");
    const whose = recalled ? `${source} (recalled)` : source;
    const cells = `\`${item}\` | ${figure} | ${per} | ${seen} | ${whose}`;
    rows.set(cells, [...(rows.get(cells) ?? []), `\`${platform}\``]);
  }
  return [...rows].map(([cells, platforms]) => `| ${platforms.join(", ")} | ${cells} |`);
}

test("the table of platforms is the one that ships", () => {
  expect(rowsBelow("## The table")).toEqual(expectedRows(shippedPrices));
});

test("so is that of the stores that `use` takes", () => {
  const offers = Object.entries(storeOffers).map(([name, { prices }]) => [
    name,
    { ...shippedPrices.aws, prices } satisfies Tariff,
  ]);
  expect(rowsBelow("### Other stores")).toEqual(expectedRows(Object.fromEntries(offers)));
});
