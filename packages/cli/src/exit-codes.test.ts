import { expect, test } from "vitest";
import { exitCodeOfError, exitCodeOfReport } from "./exit-codes.ts";

const failed = (code: Parameters<typeof exitCodeOfError>[0]["code"], rank?: number) =>
  exitCodeOfReport({
    job: { status: "failed" },
    error: { code, message: "", ...(rank === undefined ? {} : { rank }) },
  });

test("a job's end decides: succeeded is 0, cancelled is 130, failed without a reason is 1", () => {
  expect(exitCodeOfReport({ job: { status: "succeeded" }, error: null })).toBe(0);
  expect(exitCodeOfReport({ job: { status: "cancelled" }, error: null })).toBe(130);
  expect(exitCodeOfReport({ job: { status: "failed" }, error: null })).toBe(1);
});

test.each([
  ["LIMIT", 2],
  ["JOB_COMPILE", 2],
  ["UNKNOWN_NAT_PROFILE", 2],
  ["PORT_IN_USE", 3],
  ["LAB_UNAVAILABLE", 3],
  ["LAUNCH_FAILED", 3],
  ["AUTH", 3],
  ["VERSION", 3],
  ["JOB_THREW", 1],
  ["WORKER_LOST", 1],
  ["OUT_OF_MEMORY", 1],
  ["CANCELLED", 130],
] as const)("%s before or beside a job exits with %i", (code, exit) => {
  expect(exitCodeOfError({ code })).toBe(exit);
});

test("bad arguments inside a worker are the job's failure, a job that is none stays bad input", () => {
  expect(failed("INVALID_ARGUMENT", 3)).toBe(1);
  expect(failed("JOB_INVALID", 3)).toBe(2);
  expect(failed("JOIN_TIMEOUT", 3)).toBe(3);
  expect(failed("AUTH", 3)).toBe(1);
});

test("a code from a newer orchestrator is a failed job", () => {
  expect(exitCodeOfError({ code: "SOMETHING_NEW" as "INTERNAL" })).toBe(1);
});
