// `npm test`: sets up, then types, lint and every test. The last line is "N passed, N failed" (", N skipped"); a failed
// set-up or check counts as a failure. Arguments after `--` go to vitest: npm test -- --project unit

import { main } from "./lib/checkout.mjs";
import { runChecks } from "./lib/checks.mjs";
import { closingLine } from "./lib/closing-line.mjs";
import { installCounterparts } from "./lib/counterparts.mjs";
import { labAbility } from "./lib/lab.mjs";
import { runTests } from "./lib/tests.mjs";
import { setup } from "./setup.mjs";

async function test(args) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    await setup({ stores: true, platforms: true });
    const [failed] = await Promise.all([runChecks(), installCounterparts()]);
    counts.failed += failed;
    const lab = await labAbility();
    if (!lab.able) console.log(`lab tests are skipped: ${lab.reason}`);
    const tested = await runTests(args);
    for (const key of Object.keys(counts)) counts[key] += tested[key];
    return counts.failed === 0 ? 0 : 1;
  } catch (error) {
    counts.failed += 1;
    throw error;
  } finally {
    process.once("exit", () => process.stdout.write(`\n${closingLine(counts)}\n`));
  }
}

await main(() => test(process.argv.slice(2)));
