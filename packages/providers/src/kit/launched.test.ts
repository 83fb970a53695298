// When a worker's exit is told, of platforms that answer and of those that have to be asked.

import { FnmeshError } from "@fnmesh/core";
import type { WorkerExit } from "@fnmesh/core/internal";
import { describe, expect, test } from "vitest";
import { exitOf, readAnswer } from "./answer.ts";
import { acceptedWorker, answeredWorker } from "./launched.ts";

const pending = Symbol("pending");
const now = (promise: Promise<unknown>) =>
  new Promise((resolve) => {
    void promise.then(resolve);
    setImmediate(() => resolve(pending));
  });

describe("a platform that answers", () => {
  const launch = (exit: Promise<WorkerExit | undefined>) => {
    let givenUp = 0;
    const giveUp = () => {
      givenUp += 1;
    };
    return { worker: answeredWorker({ id: "a", exit, giveUp }), givenUp: () => givenUp };
  };

  test("tells of the exit itself", async () => {
    const { worker } = launch(Promise.resolve({ kind: "timed-out", afterMs: 5 }));
    expect(await worker.exit).toEqual({ kind: "timed-out", afterMs: 5 });
  });

  test("that cannot be reached is a crash with its error", async () => {
    const { worker } = launch(Promise.reject(new FnmeshError("THROTTLED", "too many")));
    expect(await worker.exit).toMatchObject({ kind: "crashed", error: { code: "THROTTLED" } });
  });

  test("for a second delivery is not believed: the worker's connection tells", async () => {
    const { worker } = launch(Promise.resolve(undefined));
    expect(await now(worker.exit)).toBe(pending);
    worker.left!("finished");
    worker.left!("lost");
    expect(await worker.exit).toEqual({ kind: "completed" });
  });

  test("after the connection ended still has the word", async () => {
    let answer!: (exit: WorkerExit) => void;
    const { worker } = launch(new Promise((resolve) => (answer = resolve)));
    worker.left!("lost");
    expect(await now(worker.exit)).toBe(pending);
    answer({ kind: "out-of-memory", limitMb: 128 });
    expect(await worker.exit).toEqual({ kind: "out-of-memory", limitMb: 128 });
  });

  test("is given up when the worker is stopped", async () => {
    const { worker, givenUp } = launch(new Promise(() => {}));
    await worker.stop();
    await worker.stop();
    expect(await worker.exit).toEqual({ kind: "stopped" });
    expect(givenUp()).toBeGreaterThan(0);
  });
});

describe("a platform that only accepts", () => {
  const launch = (verdict: (signal: AbortSignal) => Promise<WorkerExit>) => {
    let asked = 0;
    const worker = acceptedWorker({
      id: "a",
      verdict: (signal) => {
        asked += 1;
        return verdict(signal);
      },
    });
    return { worker, asked: () => asked };
  };

  test("is not asked about a worker that finished", async () => {
    const { worker, asked } = launch(() => Promise.reject(new Error("not asked")));
    expect(await now(worker.exit)).toBe(pending);
    worker.left!("finished");
    expect(await worker.exit).toEqual({ kind: "completed" });
    expect(asked()).toBe(0);
  });

  test("is asked once about a worker that was lost", async () => {
    const { worker, asked } = launch(async () => ({ kind: "out-of-memory", limitMb: 128 }));
    worker.left!("lost");
    worker.left!("lost");
    expect(await worker.exit).toEqual({ kind: "out-of-memory", limitMb: 128 });
    expect(asked()).toBe(1);
  });

  test("that does not know is a crash with that error", async () => {
    const { worker } = launch(() =>
      Promise.reject(new FnmeshError("PLATFORM_AUTH", "no rights to read logs")),
    );
    worker.left!("lost");
    expect(await worker.exit).toMatchObject({ kind: "crashed", error: { code: "PLATFORM_AUTH" } });
  });

  test("may be asked about a silent worker, which is not ended by that", async () => {
    const { worker, asked } = launch(async () => ({ kind: "init-failed", detail: "no such module" }));
    const { signal } = new AbortController();
    expect(await worker.inquire!(signal)).toEqual({ kind: "init-failed", detail: "no such module" });
    expect(await now(worker.exit)).toBe(pending);
    worker.left!("lost");
    expect(await worker.exit).toMatchObject({ kind: "init-failed" });
    expect(asked()).toBe(2);
  });

  test("is asked about a silent worker no longer than it is silent, nor than it is there", async () => {
    const never = (signal: AbortSignal) =>
      new Promise<WorkerExit>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const joined = new AbortController();
    const { worker } = launch(never);
    const [first, second] = [worker.inquire!(joined.signal), worker.inquire!(new AbortController().signal)];
    joined.abort(new FnmeshError("CLOSED", "it has joined"));
    expect(await first).toMatchObject({ kind: "crashed", detail: "it has joined" });
    expect(await now(second)).toBe(pending);
    await worker.stop();
    expect(await second).toMatchObject({ kind: "crashed" });
  });

  test("is not waited for when the worker is stopped", async () => {
    let aborted = false;
    const { worker } = launch(
      (signal) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))),
    );
    worker.left!("lost");
    await worker.stop();
    expect(await worker.exit).toEqual({ kind: "stopped" });
    expect(aborted).toBe(true);
  });
});

describe("an answer", () => {
  test.each([
    [`{"ok":true}`, { ok: true }],
    [`{"ok":false,"error":{"code":"JOB_THREW","message":"x"}}`, { ok: false }],
    ["", undefined],
    ["null", undefined],
    ["<html>Bad Gateway</html>", undefined],
    [`{"ok":false}`, undefined],
    [`{"errorMessage":"Task timed out"}`, undefined],
  ])("%j", (text, expected) => {
    const answer = readAnswer(text);
    if (expected === undefined) expect(answer).toBeUndefined();
    else expect(answer).toMatchObject(expected);
  });

  test("of a second delivery says nothing of the worker", () => {
    expect(exitOf({ ok: false, error: { code: "DUPLICATE", message: "x" } })).toBeUndefined();
    expect(exitOf({ ok: false, error: { code: "JOB_THREW", message: "x" } })).toMatchObject({
      kind: "crashed",
    });
  });
});
