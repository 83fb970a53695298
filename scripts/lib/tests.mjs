// Runs vitest and reads what came of it. The counts come by a file from the reporter, so that the closing line can
// be printed after everything that anybody still has to say, and can hold what failed before the tests.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed, runInTerminal } from "./run.mjs";

/** `{ passed, failed, skipped }`, where a run that ended badly for any other reason counts as one failure more. */
export async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), "fnmesh-test-"));
  const countsFile = join(folder, "counts.json");
  try {
    const code = await runInTerminal(process.execPath, [installed("vitest"), "run", ...args], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, FNMESH_TEST_COUNTS: countsFile },
    });
    return withEnd(readCounts(countsFile), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function withEnd(counts, code) {
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // vitest ended before it could report: its exit code tells
  }
}
