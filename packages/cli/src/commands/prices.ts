// `fnmesh prices`: the table that runs are priced by, with the user's own prices in it.

import { currency, type PriceRow, type PriceTable, priceRows } from "@fnmesh/orchestrator/cost";
import { loadConfig } from "../config/load-config.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson, writeText } from "../host.ts";
import { pricingOf } from "../options/pricing.ts";
import { configFile } from "../options/run-options.ts";
import type { RawPricesOptions } from "../program.ts";
import { tableLines } from "../report-view/table.ts";
import { type Line, paint, piece } from "../text/paint.ts";

/** Rejects with INVALID_ARGUMENT for prices that cannot be. */
export async function pricesCommand(raw: RawPricesOptions, host: Host): Promise<ExitCode> {
  const { cwd, environment } = host;
  const config = await loadConfig({ folder: cwd, file: configFile(raw.config), cwd, environment });
  const { prices: table } = await pricingOf(raw.prices, config, cwd);
  if (raw.json === true) {
    await writeJson(host, { currency, platforms: table });
    return 0;
  }
  // A source is never cut to the terminal's width.
  const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
  const lines = priceLines(table).map((line) => paint(line, style));
  await writeText(host.stdout, `${lines.join("\n")}\n`);
  return 0;
}

const header = ["item", currency, "per", "seen", "source"];

/** A table for each platform, and below it what the table does not know. */
export function priceLines(table: PriceTable): Line[] {
  const rows = priceRows(table);
  return Object.entries(table).flatMap(([platform, { title, region, unknown }], i) => [
    ...(i === 0 ? [] : [[]]),
    [piece(platform, "bold"), piece(`  ${title}, ${region}`, "dim")],
    ...tableLines(rows.filter((row) => row.platform === platform).map(cells), header),
    ...(unknown.length === 0 ? [] : [[piece(`no price is known for ${unknown.join(", ")}`, "busy")]]),
  ]);
}

const cells = ({ item, amount, per, seen, source, recalled }: PriceRow) => [
  item,
  // As text: a table's numbers would be rounded to fewer digits than a price has.
  amount.toFixed(10).replace(/\.?0+$/, ""),
  per,
  seen,
  recalled ? `${source} (recalled, not checked)` : source,
];
