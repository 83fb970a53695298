import { defineJob, FnmeshError } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";
import { errorOf } from "./run-job.suite.ts";

describe("a job that fails", () => {
  it("rejects with its error, which names the worker and has what was thrown as its cause", async () => {
    const thrown = new TypeError("no such luck");
    const job = defineJob({
      async run({ rank, log, receive }) {
        if (rank === 2) log.info("about to throw");
        if (rank === 2) throw thrown;
        await receive();
      },
    });
    const error = await errorOf(runJob(job));
    expect(error).toBeInstanceOf(FnmeshError);
    expect(error).toMatchObject({ code: "JOB_THREW", message: "no such luck", rank: 2 });
    expect(error.cause).toBe(thrown);
    expect(error.stack).toContain("failures.test.ts");
    expect(error.logs).toEqual([{ rank: 2, level: "info", message: "about to throw" }]);
    expect(error.report).toMatchObject({ job: { status: "failed" }, error: { code: "JOB_THREW" } });
    expect(Object.keys(error)).not.toContain("report");
  });

  it("by parameters that its schema refuses", async () => {
    const job = defineJob({
      params: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: () => ({ issues: [{ message: "not a number", path: ["top"] }] }),
        },
      },
      run: async () => {},
    });
    const error = await errorOf(runJob(job, { workers: 2, params: { top: "x" } }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error.message).toContain("top: not a number");
  });

  it("by a receive that nobody answers ends in its time, which flies", async () => {
    const job = defineJob({
      run: async ({ rank, receive }) => void (rank === 0 && (await receive({ from: 0 }))),
    });
    const error = await errorOf(runJob(job, { workers: 2, timeoutMs: 900_000 }));
    expect(error).toMatchObject({ code: "WORKER_TIMEOUT", rank: 0 });
  });

  it("by a peer that has finished", async () => {
    const job = defineJob({
      run: async ({ rank, receive }) => void (rank === 0 && (await receive({ from: 1 }))),
    });
    expect(await errorOf(runJob(job, { workers: 2 }))).toMatchObject({ code: "PEER_FINISHED", rank: 0 });
  });

  it("with waits that nobody takes care of: they are no errors of the test", async () => {
    const job = defineJob({
      async run({ rank, peers, barrier, receive }) {
        await peers.connectAll();
        if (rank !== 1) void receive({ from: 1, tag: 7 });
        await barrier();
        if (rank === 1) throw new Error("x");
        await receive();
      },
    });
    expect(await errorOf(runJob(job))).toMatchObject({ code: "JOB_THREW", rank: 1 });
    const dying = runJob(job, { faults: [{ kill: 3, at: { ms: 200 } }] });
    expect((await errorOf(dying)).code).toMatch(/WORKER_LOST|JOB_THREW/);
    // Node tells of what nobody takes after the turn.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("when it is cancelled", async () => {
    const cancel = new AbortController();
    const job = defineJob({
      async run({ rank, receive }) {
        if (rank === 0) cancel.abort();
        await receive();
      },
    });
    expect(await errorOf(runJob(job, { signal: cancel.signal }))).toMatchObject({ code: "CANCELLED" });
    await expect(runJob(job, { signal: cancel.signal })).rejects.toThrow("aborted");
  });
});
