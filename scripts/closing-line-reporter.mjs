// Prints the closing line of the test run, alone on the last line: "N passed, N failed" (", N skipped").

export default class ClosingLineReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === "failed") failedHere += 1;
        if (state in count) count[state] += 1;
      }
      // A file that cannot be loaded has no tests, and is a failure all the same.
      if (module.state() === "failed" && failedHere === 0) count.failed += 1;
    }
    count.failed += errors.length;
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
    const line = `${count.passed} passed, ${count.failed} failed${skipped}`;
    // After every other reporter's last word.
    process.once("exit", () => process.stdout.write(`\n${line}\n`));
  }
}
