import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import ClosingLineReporter from "./closing-line-reporter.mjs";
import { closingLine } from "./lib/closing-line.mjs";
import { withEnd } from "./lib/tests.mjs";

const file = (state, ...tests) => ({
  state: () => state,
  children: { allTests: () => tests.map((each) => ({ result: () => ({ state: each }) })) },
});

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fnmesh-reporter-"));
  vi.stubEnv("FNMESH_TEST_COUNTS", join(folder, "counts.json"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function counted(modules, errors = []) {
  new ClosingLineReporter().onTestRunEnd(modules, errors);
  return JSON.parse(readFileSync(join(folder, "counts.json"), "utf8"));
}

describe("the counts of a run", () => {
  test("add up over files", () => {
    const modules = [file("passed", "passed", "skipped"), file("failed", "passed", "failed", "failed")];
    expect(counted(modules)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });

  test("hold a failure for a file that cannot be loaded", () => {
    expect(counted([file("failed")])).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test("hold a failure for a hook that fails, whose tests are skipped", () => {
    expect(counted([file("failed", "skipped", "skipped")])).toEqual({ passed: 0, failed: 1, skipped: 2 });
  });

  test("hold errors that belong to no test", () => {
    expect(counted([file("passed", "passed")], [new Error("unhandled")])).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  test("a test that never ended did not pass", () => {
    expect(counted([file("pending", "pending", "passed")])).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });
});

describe("a run's end", () => {
  test("without any count is a failure when it ended badly", () => {
    expect(withEnd(undefined, 139)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(withEnd({ passed: 3, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  test("with failures is counted once", () => {
    expect(withEnd({ passed: 3, failed: 2, skipped: 0 }, 1)).toEqual({ passed: 3, failed: 2, skipped: 0 });
  });
});

test("the closing line names skipped tests only where there are some", () => {
  expect(closingLine({ passed: 5, failed: 0, skipped: 0 })).toBe("5 passed, 0 failed");
  expect(closingLine({ passed: 5, failed: 1, skipped: 2 })).toBe("5 passed, 1 failed, 2 skipped");
});
