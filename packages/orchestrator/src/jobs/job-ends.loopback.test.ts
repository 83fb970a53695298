// How jobs end, their workers played by hand over real sockets: by the true cause, in time, and with nothing left.

import { FnmeshError } from "@fnmesh/core";
import type { Invocation } from "@fnmesh/core/internal";
import { afterEach, describe, expect, test } from "vitest";
import { dialAs, type FakeWorker, joinAs } from "../rendezvous/testing/fake-worker.ts";
import type { InputPart } from "./job.ts";
import { memoryOutput, testSpec, textPart } from "./testing/job-spec.ts";
import { createTestBench, type TestBench, type TestBenchOptions } from "./testing/test-bench.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const open: TestBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});
async function setUp(options?: TestBenchOptions): Promise<TestBench> {
  const bench = await createTestBench(options);
  open.push(bench);
  return bench;
}

/** Every failure: others are told, nothing runs on, no output stays, and it is over in time. */
async function expectFailure(
  bench: TestBench,
  workers: readonly FakeWorker[],
  report: Promise<{ error: unknown; job: { status: string } }>,
  error: object,
) {
  const started = performance.now();
  const { error: found, job } = await report;
  expect(found).toMatchObject(error);
  expect(job.status).toBe("failed");
  expect(performance.now() - started).toBeLessThan(5000);
  for (const { socket } of workers) await expect.poll(() => socket.destroyed, patient).toBe(true);
  expect(bench.provider.running).toBe(0);
}

describe("a job fails by the true cause", () => {
  const ends: [string, (bench: TestBench, workers: readonly FakeWorker[]) => void, object][] = [
    [
      "a worker that says why",
      (_, workers) => workers[1]!.send({ type: "failed", error: { code: "JOB_THREW", message: "boom" } }),
      { code: "JOB_THREW", message: "boom", rank: 1, attempt: 0 },
    ],
    [
      "a worker that runs out of memory",
      (bench, workers) => {
        workers[1]!.socket.destroy();
        bench.exit(workers[1]!.invocation, { kind: "out-of-memory", limitMb: 512 });
      },
      { code: "OUT_OF_MEMORY", rank: 1 },
    ],
    [
      "a worker whose time is up",
      (bench, workers) => bench.exit(workers[2]!.invocation, { kind: "timed-out", afterMs: 60_000 }),
      { code: "WORKER_TIMEOUT", rank: 2 },
    ],
    [
      "a worker that is killed, while its peers complain louder",
      (bench, workers) => {
        for (const peer of [0, 2]) {
          workers[peer]!.send({ type: "failed", error: { code: "PEER_LOST", message: "worker 1 was lost" } });
        }
        workers[1]!.socket.destroy();
        bench.exit(workers[1]!.invocation, { kind: "crashed", detail: "killed by SIGKILL" });
      },
      { code: "WORKER_LOST", rank: 1, message: "worker 1 died: killed by SIGKILL" },
    ],
    [
      "a connection that broke without a word from the platform",
      (_, workers) => workers[1]!.socket.destroy(),
      { code: "WORKER_LOST", rank: 1 },
    ],
    [
      "a worker that dies in the middle of a frame",
      (bench, workers) => {
        workers[1]!.socket.end(Buffer.from([200, 0, 0, 0, 1, 2, 3]));
        bench.exit(workers[1]!.invocation, { kind: "crashed", detail: "signal" });
      },
      { code: "WORKER_LOST", rank: 1 },
    ],
  ];
  test.each(ends)("%s", async (_, act, error) => {
    const bench = await setUp();
    const output = memoryOutput();
    const { job, workers } = await bench.play({ workers: 3, output });
    act(bench, workers);
    await expectFailure(bench, workers, job.report, error);
    expect(output).toMatchObject({ committed: undefined, discarded: true });
  });

  test("and the others are told it", async () => {
    const bench = await setUp();
    const { workers } = await bench.play();
    workers[1]!.send({ type: "failed", error: { code: "JOB_THREW", message: "boom" } });
    expect((await workers[0]!.message("abort")).error).toMatchObject({ code: "JOB_THREW", rank: 1 });
  });

  test("input that cannot be read", async () => {
    const bench = await setUp();
    const part: InputPart = { ...textPart("gone.txt", "12345"), read: async () => Buffer.from("123") };
    const { job, workers } = await bench.play({ input: [[part], []] });
    workers[0]!.send({ type: "input", split: 0, offset: 0, length: 5 });
    const error = { code: "INPUT_UNREADABLE", message: expect.stringContaining("gone.txt") };
    await expectFailure(bench, workers, job.report, error);
  });

  test("output that cannot be written", async () => {
    const bench = await setUp();
    const write = () => Promise.reject(new Error("no space left on device"));
    const { job, workers } = await bench.play({ output: { ...memoryOutput(), write } });
    workers[0]!.sendBlob({ kind: "output", id: 0, offset: 0, last: false, bytes: Buffer.from("x") });
    await expectFailure(bench, workers, job.report, { code: "OUTPUT_UNWRITABLE" });
  });

  test("output that cannot be committed", async () => {
    const bench = await setUp();
    const output = memoryOutput(true);
    const { job, workers } = await bench.play({ output });
    for (const worker of workers) worker.send({ type: "result", value: null });
    await expectFailure(bench, workers, job.report, { code: "OUTPUT_UNWRITABLE" });
    expect(output).toMatchObject({ committed: undefined, discarded: true });
  });
});

test("a worker that has delivered its result cannot come again", async () => {
  const bench = await setUp();
  const { job, workers } = await bench.play();
  workers[0]!.send({ type: "result", value: 1 });
  await workers[1]!.message("gone");
  workers[0]!.socket.destroy();
  await expect.poll(() => bench.orchestrator.stats().connections.control, patient).toBe(1);
  await expect(joinAs(workers[0]!.invocation)).rejects.toThrow();
  await expect.poll(() => bench.orchestrator.stats().refused["stale-attempt"], patient).toBe(1);
  await job.cancel("the test is over");
});

describe("launching", () => {
  const failFirst = (error: FnmeshError) => ({
    beforeLaunch: ({ rank, attempt }: Invocation) => {
      if (rank === 1 && attempt === 0) throw error;
    },
  });

  test("a failed launch is tried once more, and only the new attempt may join", async () => {
    const bench = await setUp({ provider: failFirst(new FnmeshError("LAUNCH_FAILED", "throttled")) });
    const job = bench.orchestrator.submit(testSpec());
    const invocations = [await bench.launch(job.id, 0), await bench.launch(job.id, 1, 1)];
    await expect(dialAs({ ...invocations[1]!, attempt: 0 }, "control")).rejects.toMatchObject({
      code: "AUTH",
    });
    const workers = await Promise.all(invocations.map(joinAs));
    await bench.finish(workers);
    expect((await job.report).job.status).toBe("succeeded");
    expect(bench.orchestrator.stats().refused["stale-attempt"]).toBe(1);
  });

  test("a launch that cannot be mended fails the job at once", async () => {
    const bench = await setUp({ provider: failFirst(new FnmeshError("LIMIT", "too much memory")) });
    const { error } = await bench.orchestrator.submit(testSpec()).report;
    expect(error).toMatchObject({ code: "LIMIT" });
    expect(bench.provider.running).toBe(0);
  });

  test("a worker that does not join in time fails the job", async () => {
    const bench = await setUp({ orchestrator: { joinTimeoutMs: 300 } });
    const { job, invocations } = await bench.submit();
    const worker = await joinAs(invocations[0]!);
    await expectFailure(bench, [worker], job.report, { code: "JOIN_TIMEOUT", rank: 1 });
  });

  test("a job whose workers do not fit beside a running one waits for its end", async () => {
    const bench = await setUp({ provider: { workers: 3 } });
    const first = await bench.play({ workers: 2 });
    const second = bench.orchestrator.submit(testSpec({ workers: 2 }));
    expect(second.snapshot().status).toBe("queued");
    await first.job.cancel("make room");
    await bench.launch(second.id, 1);
    expect(second.snapshot().status).toBe("launching");
    expect((await second.cancel("the test is over")).job.status).toBe("cancelled");
  });
});

describe("the end of jobs from outside", () => {
  test("cancel aborts the workers, stops those that do not listen, and throws the output away", async () => {
    const bench = await setUp();
    const output = memoryOutput();
    const { job, workers } = await bench.play({ output });
    const cancelled = job.cancel("interrupted");
    const { error } = await workers[0]!.message("abort");
    expect(error).toMatchObject({ code: "CANCELLED", message: "interrupted" });
    bench.exit(workers[0]!.invocation, { kind: "completed" });
    const report = await cancelled;
    expect(report.job.status).toBe("cancelled");
    expect([...bench.provider.stopped]).toEqual([1]);
    expect(output.discarded).toBe(true);
    expect(await job.cancel("again")).toBe(report);
  });

  test("drain takes no more jobs and waits for the running ones", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play();
    const drained = bench.orchestrator.drain();
    expect(() => bench.orchestrator.submit(testSpec())).toThrow(
      expect.objectContaining({ code: "ORCHESTRATOR_UNAVAILABLE" }),
    );
    await bench.finish(workers);
    await drained;
    expect((await job.report).job.status).toBe("succeeded");
    await expect(joinAs(workers[0]!.invocation)).rejects.toThrow();
  });

  test("drain cancels what still runs when its time is up", async () => {
    const bench = await setUp();
    const { job } = await bench.play();
    await bench.orchestrator.drain(AbortSignal.timeout(50));
    expect((await job.report).job.status).toBe("cancelled");
    expect(bench.provider.running).toBe(0);
  });

  test("close may be called twice, and leaves no connection", async () => {
    const bench = await setUp();
    const { workers } = await bench.play();
    await Promise.all([bench.orchestrator.close(), bench.orchestrator.close()]);
    for (const { closed } of workers) await closed;
    expect(bench.orchestrator.stats().connections).toEqual({ pending: 0, control: 0, relay: 0 });
  });
});

describe("what cannot be run is refused before anything starts", () => {
  const specs: [string, Parameters<typeof testSpec>[0], string][] = [
    ["no workers", { workers: 0 }, "LIMIT"],
    ["100,000 workers", { workers: 100_000, input: [] }, "LIMIT"],
    ["too little memory", { memoryMb: 1 }, "LIMIT"],
    ["too long a time", { timeoutMs: 1e9 }, "LIMIT"],
    ["a provider that is not there", { provider: "moon" }, "UNKNOWN_PROVIDER"],
    ["input for other workers", { input: [[]] }, "INVALID_ARGUMENT"],
    ["no code", { code: "" }, "INVALID_ARGUMENT"],
    ["parameters beyond any message", { params: { big: "x".repeat(2_000_000) } }, "LIMIT"],
  ];
  test.each(specs)("%s", async (_, change, code) => {
    const bench = await setUp();
    expect(() => bench.orchestrator.submit(testSpec(change))).toThrow(expect.objectContaining({ code }));
    expect(bench.provider.launches).toEqual([]);
    expect(bench.orchestrator.jobs()).toEqual([]);
  });
});
