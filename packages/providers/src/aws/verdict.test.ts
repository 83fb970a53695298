// Records as Lambda writes them in its JSON format: the Telemetry API's schema, as seen in public logs of 2024 and 2025.

import { describe, expect, test } from "vitest";
import { type ReportRecord, readLogRecord } from "./log-records.ts";
import { verdictOf } from "./verdict.ts";

const requestId = "4b142fc3-17b8-4cdb-a46b-a8dbe7918715";
const time = "2026-11-24T00:15:30.019Z";

const platform = (type: string, record: object): string =>
  JSON.stringify({ time, type: `platform.${type}`, record });
const report = (record: object, metrics: object = {}): string =>
  platform("report", {
    requestId,
    metrics: {
      durationMs: 1234.5,
      billedDurationMs: 1400,
      memorySizeMB: 512,
      maxMemoryUsedMB: 210,
      ...metrics,
    },
    ...record,
  });
const init = (record: object, durationMs = 173.778): string =>
  platform("initReport", {
    initializationType: "on-demand",
    phase: "init",
    metrics: { durationMs },
    ...record,
  });
/** What the runtime makes of console.error. */
const said = (message: unknown): string =>
  JSON.stringify({ timestamp: time, level: "ERROR", requestId, message });

const start = platform("start", { requestId, version: "$LATEST" });
const loaded = init({ status: "success" });

/** The exit by the report, which is the last of the lines. */
function verdict(...lines: readonly string[]) {
  const records = lines.map(readLogRecord);
  return verdictOf(records.at(-1) as ReportRecord, records);
}

describe("a worker was", () => {
  test("done, where Lambda says so, whatever else is in the log", () => {
    expect(
      verdict(loaded, start, said("JavaScript heap out of memory"), report({ status: "success" })),
    ).toEqual({
      kind: "completed",
    });
  });

  test("over its time", () => {
    const timeout = report({ status: "timeout" }, { durationMs: 900_000, maxMemoryUsedMB: 512 });
    expect(verdict(loaded, start, timeout)).toEqual({ kind: "timed-out", afterMs: 900_000 });
  });

  test.each([
    ["Lambda says so", [], { status: "error", errorType: "Runtime.OutOfMemory" }, {}],
    [
      "it had all that there is",
      [],
      { status: "error", errorType: "Runtime.ExitError" },
      { maxMemoryUsedMB: 512 },
    ],
    [
      "its process was killed, which only the kernel does",
      [`RequestId: ${requestId} Error: Runtime exited with error: signal: killed\nRuntime.ExitError`],
      { status: "error", errorType: "Runtime.ExitError" },
      { maxMemoryUsedMB: 509 },
    ],
    [
      "V8 says so before",
      ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
      { status: "error", errorType: "Runtime.ExitError" },
      { maxMemoryUsedMB: 480 },
    ],
  ])("out of memory, where %s", (_, lines, record, metrics) => {
    expect(verdict(loaded, start, ...lines, report(record, metrics))).toEqual({
      kind: "out-of-memory",
      limitMb: 512,
    });
  });

  test.each([
    "Runtime.ImportModuleError",
    "Runtime.HandlerNotFound",
    "Runtime.UserCodeSyntaxError",
    "Extension.Crash",
  ])("never there, where its code could not be loaded: %s", (errorType) => {
    const failed = init({ status: "error", errorType });
    const exit = verdict(failed, start, failed, report({ status: "error", errorType }));
    expect(exit).toMatchObject({ kind: "init-failed", detail: expect.stringContaining(errorType) });
  });

  test("never there, where loading ended its process; with its last words", () => {
    const errorType = "Runtime.ExitError";
    const words = "Error: Cannot open shared object file";
    const failed = init({ status: "error", errorType, phase: "invoke" });
    expect(verdict(words, failed, start, report({ status: "error", errorType }))).toEqual({
      kind: "init-failed",
      detail: `${errorType}; its log ends with:\n  ${words}`,
    });
  });

  test("never there, where loading took all of its time, at the second try, too", () => {
    const first = init({ status: "timeout" }, 10_000.487);
    const second = init({ status: "timeout", phase: "invoke" }, 60_000.45);
    expect(verdict(first, start, second, report({ status: "timeout" }, { durationMs: 60_000 }))).toEqual({
      kind: "init-failed",
      detail: "its code was not loaded within 60 s",
    });
  });

  test("over its time, where loading was slow at first, and went well at the second try", () => {
    const first = init({ status: "timeout" }, 10_000.487);
    const second = init({ status: "success", phase: "invoke" }, 12_000);
    const timeout = report({ status: "timeout" }, { durationMs: 60_000 });
    expect(verdict(first, start, second, timeout)).toEqual({ kind: "timed-out", afterMs: 60_000 });
  });

  test("crashed else, with what it cost and what it said last", () => {
    const lines = Array.from({ length: 20 }, (_, index) => said(`line ${index}`));
    const exit = verdict(
      loaded,
      start,
      ...lines,
      report({ status: "error", errorType: "Runtime.ExitError" }),
    );
    expect(exit).toEqual({
      kind: "crashed",
      detail:
        "Runtime.ExitError after 1.2 s (billed 1.4 s, 210 of 512 MB used); its log ends with:\n  line 15\n  line 16\n  line 17\n  line 18\n  line 19",
    });
  });

  test("crashed, and a line of any length is shown by its beginning", () => {
    const exit = verdict(start, "x".repeat(100_000), report({ status: "failure" }));
    expect(exit.kind === "crashed" && exit.detail.length).toBeLessThan(500);
  });
});

describe("a line of a log is", () => {
  test.each([
    ["what was written to the console", said("the sea"), "the sea"],
    ["an object that was", said({ rank: 3 }), '{"rank":3}'],
    [
      "an error, as the runtime wraps it",
      JSON.stringify({
        timestamp: time,
        level: "ERROR",
        message: { errorType: "TypeError", errorMessage: "no whale", stackTrace: [] },
      }),
      "TypeError: no whale",
    ],
    ["plain text", "  a native library's own words\n", "a native library's own words"],
    ["a text that begins like JSON", "{ not: json", "{ not: json"],
    ["JSON that is no record", "[1,2]", "[1,2]"],
    ["null", "null", "null"],
  ])("text: %s", (_, message, text) => {
    expect(readLogRecord(message)).toEqual({ type: "text", text });
  });

  test.each([
    ["a report without the invocation", platform("report", { status: "error" })],
    ["a report without a status", platform("report", { requestId })],
    ["a status that nobody knows", report({ status: "tired" })],
    ["the end of the runtime", platform("runtimeDone", { requestId, status: "success" })],
    ["a record that is no object", JSON.stringify({ type: "platform.report", record: null })],
  ])("of no weight: %s", (_, message) => {
    expect(readLogRecord(message)).toEqual({ type: "other" });
  });
});
