// `npm run check`: types, lint and the unit tests, in under a minute. For the time between two edits.

import { main } from "./lib/checkout.mjs";
import { runChecks } from "./lib/checks.mjs";
import { closingLine } from "./lib/closing-line.mjs";
import { runTests } from "./lib/tests.mjs";
import { setup } from "./setup.mjs";

await main(async () => {
  await setup({ lab: false, build: false });
  const failedChecks = await runChecks();
  const counts = await runTests(["--project", "unit", ...process.argv.slice(2)]);
  counts.failed += failedChecks;
  console.log(`\n${closingLine(counts)}`);
  return counts.failed === 0 ? 0 : 1;
});
