import { expect, test } from "vitest";
import { verdictOf } from "./verdict.ts";

const verdict = (status: string, result: unknown, more: object = {}) =>
  verdictOf(
    { activationId: "a", response: { status, result }, ...more },
    { memoryMb: 256, timeoutMs: 9_000 },
  );
const ended = (error: string) => verdict("action developer error", { error });

test("what the function itself has said goes before all else", () => {
  expect(verdict("success", { ok: true })).toEqual({ kind: "completed" });
  const error = { code: "JOB_THREW", message: "no such whale" };
  // OpenWhisk keeps nothing beside an error.
  expect(verdict("application error", { error })).toMatchObject({ kind: "crashed", error });
  expect(
    verdict("application error", { error: { code: "DUPLICATE", message: "a second delivery" } }),
  ).toBeUndefined();
});

test("OpenWhisk's own words tell memory, time, start and crash apart", () => {
  expect(ended("The action exhausted its memory and was aborted.")).toEqual({
    ...{ kind: "out-of-memory", limitMb: 256 },
  });
  expect(ended("The action exceeded its time limits of 9000 milliseconds.")).toEqual({
    ...{ kind: "timed-out", afterMs: 9_000 },
  });
  for (const text of [
    "The action exceeded its time limits of 9000 milliseconds during initialization.",
    "The action did not initialize and exited unexpectedly.",
    "Initialization has failed due to: SyntaxError",
  ]) {
    expect(ended(text)).toMatchObject({ kind: "init-failed", detail: expect.stringContaining(text) });
  }
  expect(ended("The action did not produce a valid response and exited unexpectedly.")).toMatchObject({
    kind: "crashed",
  });
  expect(verdict("whisk internal error", { error: "no invoker" })).toEqual({
    ...{ kind: "crashed", detail: "OpenWhisk says whisk internal error: no invoker" },
  });
});

test("a record without a response is a crash", () => {
  expect(verdictOf({ activationId: "a" }, { memoryMb: 256, timeoutMs: 9_000 })).toMatchObject({
    kind: "crashed",
  });
});
