import { describe, expect, it } from "vitest";
import { type Evidence, judge } from "./verdict.ts";

const nothing: Evidence = {
  invocation: { rank: 3, attempt: 1, timeoutMs: 5_000 },
  memoryMb: 512,
  answer: undefined,
  ending: undefined,
  code: null,
  signal: null,
  lastLines: [],
};
const killed = { code: null, signal: "SIGKILL" };
const heapLines = [
  "<--- Last few GCs --->",
  "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  "----- Native stack trace -----",
  ...Array.from({ length: 20 }, (_, line) => ` ${line}: 0xb76db1 node::OOMErrorHandler`),
];

describe("the verdict", () => {
  it("is completed when the worker said so, whatever ended it then", () => {
    expect(judge({ ...nothing, ...killed, answer: { ok: true }, ending: "stopped" })).toEqual({
      kind: "completed",
    });
  });

  it("is the worker's own error when it gave one", () => {
    const error = { code: "JOB_THREW", message: "no such word" } as const;
    expect(judge({ ...nothing, ...killed, answer: { ok: false, error } })).toEqual({
      kind: "crashed",
      detail: "no such word",
      error,
    });
  });

  it("is what the provider ended it for", () => {
    const of = (ending: Evidence["ending"]) => judge({ ...nothing, ...killed, ending });
    expect(of("stopped")).toEqual({ kind: "stopped" });
    expect(of("timed-out")).toEqual({ kind: "timed-out", afterMs: 5_000 });
    expect(of("out-of-memory")).toEqual({ kind: "out-of-memory", limitMb: 512 });
  });

  it.each([
    { code: null, signal: "SIGABRT" },
    { code: 134, signal: null },
  ])("is out of memory when V8 had no heap left: %o", (end) => {
    expect(judge({ ...nothing, ...end, lastLines: heapLines })).toEqual({
      kind: "out-of-memory",
      limitMb: 512,
    });
  });

  it("is a crash when it only printed such words", () => {
    expect(judge({ ...nothing, code: 1, lastLines: heapLines })).toMatchObject({ kind: "crashed" });
    expect(judge({ ...nothing, signal: "SIGABRT", lastLines: ["assertion failed"] })).toMatchObject({
      kind: "crashed",
      detail: "killed by SIGABRT; its last lines:\nassertion failed",
    });
  });

  it("shows the last lines only, without blank ones", () => {
    const lastLines = Array.from({ length: 40 }, (_, line) => (line % 2 ? `line ${line}` : " "));
    const exit = judge({ ...nothing, code: 2, lastLines });
    expect(exit).toMatchObject({
      detail: expect.stringMatching(/^exited with code 2; its last lines:\nline 17\n/),
    });
    expect(exit).toMatchObject({ detail: expect.stringMatching(/line 39$/) });
  });
});
