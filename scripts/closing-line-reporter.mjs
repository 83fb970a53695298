// A vitest reporter that counts what passed and failed, for the closing line of the run: to the file that
// FNMESH_TEST_COUNTS names when a script waits for it, else as the last line of vitest's own output.

import { writeFileSync } from "node:fs";
import { closingLine } from "./lib/closing-line.mjs";

export default class ClosingLineReporter {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) count(module, counts);
    // Errors that belong to no test: unhandled rejections, a worker that died.
    counts.failed += errors.length;
    const file = process.env.FNMESH_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
    else process.once("exit", () => process.stdout.write(`\n${closingLine(counts)}\n`));
  }
}

function count(module, counts) {
  let failedHere = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === "failed") failedHere += 1;
    else counts[state === "passed" ? "passed" : "skipped"] += 1;
  }
  // A file that cannot be loaded has no tests, and one whose hook fails skips them: a failure all the same.
  counts.failed += module.state() === "failed" ? Math.max(failedHere, 1) : failedHere;
}
