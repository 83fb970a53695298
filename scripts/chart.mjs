// `node scripts/chart.mjs FILE > docs/CHART.svg`: the chart of what `npm run bench -- reduce-by-key --json FILE` wrote.

import { readFileSync } from "node:fs";
import { chart } from "./lib/chart.mjs";

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/chart.mjs FILE > CHART.svg");
  process.exitCode = 2;
} else {
  process.stdout.write(chart(JSON.parse(readFileSync(file, "utf8"))));
}
