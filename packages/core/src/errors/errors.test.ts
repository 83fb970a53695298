import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeWorkerMessage, encodeMessage } from "../protocol/control.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { FnmeshError, toFnmeshError } from "./errors.ts";

describe("a FnmeshError", () => {
  it("has a code, a message, a hint for the person, and the cause", () => {
    const cause = new Error("underneath");
    const error = new FnmeshError("PORT_IN_USE", "port 80 is taken", {
      cause,
      hint: "Choose another.",
      rank: 3,
      attempt: 1,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "FnmeshError",
      code: "PORT_IN_USE",
      hint: "Choose another.",
      rank: 3,
      attempt: 1,
      cause,
    });
  });

  it("is worth a retry exactly when its cause may be gone by then", () => {
    expect(new FnmeshError("WORKER_LOST", "").retryable).toBe(true);
    expect(new FnmeshError("JOB_THREW", "").retryable).toBe(false);
  });

  it("is known by its brand: an instance of another copy of the class is one, a look-alike is not", () => {
    const foreign: unknown = runInNewContext(`
      const error = new Error("from the job's own bundle");
      error.code = "PEER_LOST";
      Object.defineProperty(error, Symbol.for("fnmesh.error"), { value: true });
      error`);
    expect(foreign).toBeInstanceOf(FnmeshError);
    for (const other of [new Error("x"), { code: "PEER_LOST" }, null, undefined, "PEER_LOST", 1]) {
      expect(other instanceof FnmeshError).toBe(false);
    }
  });

  it("does not show its brand when it is listed or printed as JSON", () => {
    expect(Object.getOwnPropertySymbols({ ...new FnmeshError("CLOSED", "closed") })).toEqual([]);
  });
});

const anyDetails = fc.record(
  { hint: fc.string(), rank: fc.nat(99_999), attempt: fc.nat(999) },
  { requiredKeys: [] },
);

describe("a FnmeshError's record", () => {
  it("crosses the wire and becomes the same error", () => {
    fc.assert(
      fc.property(fc.string(), anyDetails, (message, details) => {
        const error = new FnmeshError("JOB_THREW", message, details);
        const sent = encodeMessage({ type: "failed", error: error.toRecord() });
        const [frame] = new FrameDecoder(2 ** 20).push(sent);
        const received = decodeWorkerMessage(frame!.body);
        if (received.type !== "failed") throw new Error(received.type);
        const copy = FnmeshError.fromRecord(received.error as ReturnType<FnmeshError["toRecord"]>);
        expect(copy.toRecord()).toEqual(error.toRecord());
      }),
    );
  });

  it("keeps within what the wire takes, however long the message", () => {
    const long = new FnmeshError("JOB_THREW", "x".repeat(2_000_000), { hint: "y".repeat(100_000) });
    const [frame] = new FrameDecoder(2 ** 20).push(encodeMessage({ type: "failed", error: long.toRecord() }));
    expect(decodeWorkerMessage(frame!.body)).toMatchObject({
      error: {
        code: "JOB_THREW",
        message: expect.stringMatching(/^x{1000,}…$/),
        hint: expect.stringMatching(/^y{1000,}…$/),
      },
    });
  });

  it("never holds the cause: that may hold anything", () => {
    const record = new FnmeshError("AUTH", "refused", { cause: new Error("s3cret") }).toRecord();
    expect(Object.keys(record)).not.toContain("cause");
    expect(JSON.stringify({ ...record, stack: "" })).not.toContain("s3cret");
  });
});

describe("anything thrown", () => {
  it("that is a FnmeshError stays what it is", () => {
    const error = new FnmeshError("CANCELLED", "by the user");
    expect(toFnmeshError(error, "INTERNAL")).toBe(error);
  });

  it("that is an Error keeps its message, stack and identity as the cause", () => {
    const thrown = new TypeError("x is not a function");
    const error = toFnmeshError(thrown, "JOB_THREW", { rank: 2 });
    expect(error).toMatchObject({
      code: "JOB_THREW",
      message: "x is not a function",
      rank: 2,
      cause: thrown,
    });
    expect(error.stack).toBe(thrown.stack);
  });

  it("without a message is named by its class", () => {
    expect(toFnmeshError(new RangeError(), "JOB_THREW").message).toBe("RangeError");
  });

  it.each([
    ["a text", "boom", "boom"],
    ["a number", 7, "7"],
    ["nothing", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without a prototype", Object.create(null), "something of type object that has no text"],
  ])("that is %s becomes an error all the same", (_what, thrown, message) => {
    expect(toFnmeshError(thrown, "JOB_THREW")).toMatchObject({ code: "JOB_THREW", message });
  });
});
