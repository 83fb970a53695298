import { readFileSync } from "node:fs";
import type { WorkerExit } from "@fnmesh/core/internal";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LocalProviderOptions, localProvider } from "./local-provider.ts";
import { type BuiltFixture, buildFixture } from "./testing/fixture-entry.ts";
import { launchRequest } from "./testing/launch-request.ts";

let fixture: BuiltFixture;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  fixture = await buildFixture("./fixture-worker.ts");
});
afterEach(async () => {
  for (const provider of opened.splice(0)) await provider.close();
});
afterAll(() => fixture.remove());

function open(options: LocalProviderOptions = {}) {
  const provider = localProvider({ entry: fixture.path, ...options });
  opened.push(provider);
  return provider;
}

type Over = Parameters<typeof launchRequest>[1];
const exitOf = async (job: string, over: Over = {}): Promise<WorkerExit> =>
  (await open().launch(launchRequest(job, over))).exit;

const pidOf = ({ id }: { id: string }) => Number(id.replace("pid ", ""));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("what becomes of a worker", () => {
  it("completed, and its process is gone", async () => {
    const worker = await open().launch(launchRequest("completes"));
    expect(await worker.exit).toEqual({ kind: "completed" });
    expect(worker.start).toBe("cold");
    expect(isAlive(pidOf(worker))).toBe(false);
  });

  it.each([
    ["throws", "the job is broken"],
    ["throws where nobody awaits", "thrown aside"],
    ["rejects where nobody awaits", "rejected aside"],
  ])("crashed with the job's own error when it %s", async (job, message) => {
    expect(await exitOf(job)).toMatchObject({
      kind: "crashed",
      detail: message,
      error: { code: "JOB_THREW", message },
    });
  });

  it("crashed with its last words when it exits", async () => {
    expect(await exitOf("exits with 3")).toMatchObject({
      kind: "crashed",
      detail: "exited with code 3; its last lines:\nlast words",
      error: { code: "WORKER_LOST", rank: 7, attempt: 2, hint: expect.stringContaining("process.exit()") },
    });
  });

  it("crashed when it exits without an answer, even with code 0", async () => {
    expect(await exitOf("exits with 0")).toMatchObject({ kind: "crashed", detail: "exited with code 0" });
  });

  it("crashed when somebody kills it", async () => {
    expect(await exitOf("kills itself")).toMatchObject({
      kind: "crashed",
      detail: "killed by SIGKILL",
      error: { hint: expect.stringContaining("memory") },
    });
  });

  it.each(["hangs", "blocks the loop"])("timed out when it %s", async (job) => {
    expect(await exitOf(job, { timeoutMs: 300 })).toEqual({ kind: "timed-out", afterMs: 300 });
  });

  it.each(["hangs", "blocks the loop"])("stopped on demand when it %s", async (job) => {
    const worker = await open().launch(launchRequest(job));
    await worker.stop();
    await worker.stop();
    expect(await worker.exit).toEqual({ kind: "stopped" });
    expect(isAlive(pidOf(worker))).toBe(false);
  });

  it.each(["fills the heap", "fills buffers"])("out of memory when it %s", async (job) => {
    expect(await exitOf(job, { memoryMb: 128 })).toEqual({ kind: "out-of-memory", limitMb: 128 });
  });
});

describe("cold and warm", () => {
  it("starts every worker cold unless told otherwise", async () => {
    const provider = open();
    for (let time = 0; time < 2; time++) {
      const worker = await provider.launch(launchRequest("completes"));
      await worker.exit;
      expect(worker.start).toBe("cold");
    }
  });

  it("uses a container again for the same memory size and place only", async () => {
    const provider = open({
      warm: { most: 4, idleMs: 60_000 },
      place: (rank) => (rank === 9 ? ["env"] : []),
    });
    const launch = async (over: Over) => {
      const worker = await provider.launch(launchRequest("completes", over));
      await worker.exit;
      return worker;
    };
    const first = await launch({ rank: 0 });
    expect(await launch({ rank: 1 })).toMatchObject({ id: first.id, start: "warm" });
    expect(await launch({ rank: 1, memoryMb: 512 })).toMatchObject({ start: "cold" });
    expect(await launch({ rank: 9 })).toMatchObject({ start: "cold" });
    expect(await launch({ rank: 2 })).toMatchObject({ id: first.id, start: "warm" });
    await provider.close();
    expect(isAlive(pidOf(first))).toBe(false);
  });

  it("never uses a container again whose invocation failed", async () => {
    const provider = open({ warm: { most: 4, idleMs: 60_000 } });
    const failed = await provider.launch(launchRequest("throws"));
    await failed.exit;
    expect(isAlive(pidOf(failed))).toBe(false);
    expect(await provider.launch(launchRequest("completes"))).toMatchObject({ start: "cold" });
  });

  it("keeps no more containers than told", async () => {
    const provider = open({ warm: { most: 1, idleMs: 60_000 } });
    const two = await Promise.all(
      [1, 2].map((rank) => provider.launch(launchRequest("completes", { rank }))),
    );
    await Promise.all(two.map((worker) => worker.exit));
    await expect.poll(() => two.filter((worker) => isAlive(pidOf(worker))).length).toBe(1);
  });

  it("ends a container that nobody needed for a while", async () => {
    const worker = await open({ warm: { most: 1, idleMs: 1 } }).launch(launchRequest("completes"));
    expect(await worker.exit).toEqual({ kind: "completed" });
    await expect.poll(() => isAlive(pidOf(worker))).toBe(false);
  });
});

describe("the process", () => {
  it("has the secret neither in its arguments nor in its environment", async () => {
    const worker = await open().launch(launchRequest("hangs"));
    for (const file of ["cmdline", "environ"]) {
      const text = readFileSync(`/proc/${pidOf(worker)}/${file}`, "latin1");
      expect(text).not.toContain("a-secret");
    }
    expect(readFileSync(`/proc/${pidOf(worker)}/cmdline`, "latin1")).toContain("node");
  });

  it("prints for its rank, by lines, apart from the command's own output", async () => {
    const lines: string[] = [];
    const provider = open({
      onStdout: (rank, line) => lines.push(`${rank} stdout ${line}`),
      onStderr: (rank, line) => lines.push(`${rank} stderr ${line}`),
    });
    const worker = await provider.launch(launchRequest("prints", { rank: 3 }));
    await worker.exit;
    expect(lines.sort()).toEqual(["3 stderr err of 3 ü", "3 stdout out of 3"]);
  });

  it("starts behind what its place puts before it", async () => {
    const worker = await open({ place: (rank) => ["env", `PLACE=${rank}`] }).launch(launchRequest("hangs"));
    await expect
      .poll(() => readFileSync(`/proc/${pidOf(worker)}/environ`, "latin1").split("\0"))
      .toContain("PLACE=7");
  });
});

describe("launching", () => {
  it.each([
    [{ memoryMb: 127 }],
    [{ memoryMb: 10_241 }],
    [{ memoryMb: 256.5 }],
    [{ timeoutMs: 0 }],
    [{ timeoutMs: 900_001 }],
    [{ timeoutMs: Number.NaN }],
  ])("refuses %o", async (over) => {
    await expect(open().launch(launchRequest("completes", over))).rejects.toMatchObject({ code: "LIMIT" });
  });

  it("fails with a hint when the process cannot start", async () => {
    const provider = open({ place: () => ["/nonexistent/program"] });
    await expect(provider.launch(launchRequest("completes"))).rejects.toMatchObject({
      code: "LAUNCH_FAILED",
      hint: expect.stringContaining("/nonexistent/program"),
    });
  });

  it("tells what a missing bundle printed", async () => {
    const worker = await open({ entry: "/nonexistent/entry.cjs" }).launch(launchRequest("completes"));
    expect(await worker.exit).toMatchObject({
      kind: "crashed",
      detail: expect.stringContaining("Cannot find module"),
    });
  });

  it("starts many at once, and all complete", async () => {
    const provider = open();
    const exits = Array.from({ length: 24 }, async (_, rank) => {
      const worker = await provider.launch(launchRequest("completes", { rank }));
      return (await worker.exit).kind;
    });
    expect(new Set(await Promise.all(exits))).toEqual(new Set(["completed"]));
  });

  it("can be cancelled", async () => {
    const request = { ...launchRequest("completes"), signal: AbortSignal.abort() };
    await expect(open().launch(request)).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("ends with the provider: what runs is stopped, what comes is refused", async () => {
    const provider = open();
    const worker = await provider.launch(launchRequest("blocks the loop"));
    await Promise.all([provider.close(), provider.close()]);
    expect(await worker.exit).toEqual({ kind: "stopped" });
    expect(isAlive(pidOf(worker))).toBe(false);
    await expect(provider.launch(launchRequest("completes"))).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
    });
  });
});
