// Jobs whose workers are played by hand over real sockets: what a worker is told and given, and how every job ends.

import { createHash } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import type { Invocation } from "@fnmesh/core/internal";
import { afterEach, describe, expect, test } from "vitest";
import { dialAs, type FakeWorker, joinAs } from "../rendezvous/testing/fake-worker.ts";
import type { InputPart, JobEvent } from "./job.ts";
import { memoryOutput, testSpec, textPart } from "./testing/job-spec.ts";
import { createTestBench, type TestBench, type TestBenchOptions } from "./testing/test-bench.ts";

const open: TestBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});
async function setUp(options?: TestBenchOptions): Promise<TestBench> {
  const bench = await createTestBench(options);
  open.push(bench);
  return bench;
}

const candidates = { type: "candidates", mapping: "endpoint-independent" } as const;
const candidate = { type: "srflx", tcpType: "so", host: "192.0.2.1", port: 4000 } as const;

/** All workers deliver a result and end as they should. */
async function finish(bench: TestBench, workers: readonly FakeWorker[], value: unknown = null) {
  for (const worker of workers) worker.send({ type: "result", value });
  await Promise.all(workers.map((worker) => worker.message("done")));
  for (const { invocation } of workers) bench.exit(invocation, { kind: "completed" });
}

describe("a worker that joins", () => {
  test("is welcomed with what it needs, and with the endpoint from which it is seen", async () => {
    const bench = await setUp();
    const code = "export default {}";
    const input = [[textPart("a.txt", "one\n"), textPart("b.txt", "")], []];
    const { job, workers } = await bench.play({ code, input, params: { depth: "3" }, memoryMb: 256 });
    expect(workers[0]!.welcome).toEqual({
      type: "welcome",
      version: 1,
      size: 2,
      observed: { host: "127.0.0.1", port: workers[0]!.localPort },
      code: { hash: createHash("sha256").update(code).digest("hex"), bytes: code.length },
      params: { depth: "3" },
      splits: [
        { name: "a.txt", bytes: 4 },
        { name: "b.txt", bytes: 0 },
      ],
      channel: "auto",
      encrypt: true,
      memoryMb: 256,
    });
    expect(job.snapshot().workers).toEqual({ total: 2, launched: 2, joined: 2, finished: 0 });
    await job.cancel("the test is over");
  });

  test("gets the code in chunks, however much it is", async () => {
    const bench = await setUp();
    const code = `// ${"ü".repeat(400_000)}`;
    const { job, workers } = await bench.play({ code });
    workers[0]!.send({ type: "code", hash: workers[0]!.welcome.code.hash });
    const chunks: Uint8Array[] = [];
    for (let last = false; !last; ) {
      const blob = await workers[0]!.blob();
      expect(blob).toMatchObject({
        kind: "code",
        offset: chunks.reduce((sum, { length }) => sum + length, 0),
      });
      chunks.push(blob.bytes);
      last = blob.last;
    }
    expect(Buffer.concat(chunks).toString()).toBe(code);
    await job.cancel("the test is over");
  });

  test("gets the part of the input that it asks for, and no more than there is", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play({ input: [[textPart("a", "0123456789")], []] });
    const ask = async (offset: number, length: number) => {
      workers[0]!.send({ type: "input", split: 0, offset, length });
      const { bytes, last, id, offset: at } = await workers[0]!.blob();
      return { text: Buffer.from(bytes).toString(), last, id, at };
    };
    expect(await ask(2, 3)).toEqual({ text: "234", last: true, id: 0, at: 2 });
    expect(await ask(8, 100)).toEqual({ text: "89", last: true, id: 0, at: 8 });
    expect(await ask(10, 5)).toEqual({ text: "", last: true, id: 0, at: 10 });
    await job.cancel("the test is over");
  });

  test("is not sent more input than it reads", async () => {
    const bench = await setUp();
    const part: InputPart = {
      name: "endless",
      bytes: 1e9,
      read: async (_, length) => {
        reads += 1;
        return new Uint8Array(length);
      },
    };
    let reads = 0;
    const { job, workers } = await bench.play({ input: [[part], []] });
    workers[0]!.socket.pause();
    workers[0]!.send({ type: "input", split: 0, offset: 0, length: 1e9 });
    await expect.poll(() => reads).toBeGreaterThan(0);
    // The other worker's round trips pass the time in which a sender without bounds would have read it all.
    for (let round = 0; round < 200; round++) {
      workers[1]!.send({ type: "ping", id: round });
      await workers[1]!.message("pong");
    }
    expect(reads * 256 * 1024).toBeLessThan(64 * 1024 * 1024);
    await job.cancel("the test is over");
  });
});

describe("workers that want to talk", () => {
  test("are introduced to each other when both are ready, in one message each", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play({ workers: 3 });
    for (const worker of workers.slice(1)) {
      worker.send({ ...candidates, candidates: [{ ...candidate, port: 4000 + worker.invocation.rank }] });
    }
    workers[0]!.send({ type: "connect", peers: [1, 2] });
    workers[0]!.send({ ...candidates, candidates: [candidate, { ...candidate, host: "evil.example" }] });
    const [first, second] = [await workers[0]!.message("introduce"), await workers[1]!.message("introduce")];
    expect(first.peers.map(({ rank, attempt, round }) => [rank, attempt, round])).toEqual([
      [1, 0, 0],
      [2, 0, 0],
    ]);
    expect(second.peers).toMatchObject([{ rank: 0, candidates: [candidate] }]);
    await job.cancel("the test is over");
  });

  test("meet at barriers", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play();
    workers[0]!.send({ type: "barrier", id: 7 });
    workers[0]!.send({ type: "ping", id: 1 });
    await workers[0]!.message("pong");
    workers[1]!.send({ type: "barrier", id: 7 });
    for (const worker of workers) expect(await worker.message("barrier")).toEqual({ type: "barrier", id: 7 });
    await job.cancel("the test is over");
  });

  test("do not wait for ever at a barrier to which one that has finished will not come", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play();
    workers[0]!.send({ type: "barrier", id: 1 });
    workers[1]!.send({ type: "result", value: null });
    expect((await job.report).error).toMatchObject({ code: "PEER_FINISHED" });
  });
});

describe("a job that succeeds", () => {
  test("makes its output visible by rank, and only when all results are in", async () => {
    const bench = await setUp();
    const output = memoryOutput();
    const { job, workers } = await bench.play({ output });
    const write = (worker: FakeWorker, text: string, last = false) =>
      worker.sendBlob({ kind: "output", id: 0, offset: 0, last, bytes: Buffer.from(text) });
    write(workers[1]!, "second\n");
    write(workers[0]!, "first ");
    write(workers[0]!, "part\n");
    write(workers[1]!, "", true);
    workers[1]!.send({ type: "result", value: "not this" });
    await workers[0]!.message("gone");
    expect(output.committed).toBeUndefined();
    await finish(bench, [workers[0]!], { words: 3 });
    bench.exit(workers[1]!.invocation, { kind: "completed" });
    const report = await job.report;
    expect(report).toMatchObject({ error: null, result: { words: 3 }, job: { status: "succeeded" } });
    expect(output.committed).toBe("first part\nsecond\n");
    expect(bench.provider.stopped.size).toBe(0);
  });

  test("reports stages, pairs and bytes as its workers tell them", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play({ workers: 3, encrypt: false, nat: "restricted" });
    const events: JobEvent[] = [];
    job.subscribe((event) => events.push(event));
    const peer = { sentMessages: 1, sentBytes: 10, receivedMessages: 0, receivedBytes: 0 };
    const silent = { ...peer, sentMessages: 0, sentBytes: 0 };
    const telemetry = { type: "telemetry", memoryBytes: 1 } as const;
    workers[0]!.send({ type: "stage", name: "map", event: "begin" });
    workers[0]!.send({ type: "progress", done: 1, total: 4 });
    workers[0]!.send({ type: "log", level: "warn", message: "careful" });
    await expect.poll(() => job.snapshot().stages).toMatchObject([{ name: "map", running: 1, tasks: 1 }]);
    workers[0]!.send({ type: "stage", name: "map", event: "end" });
    workers[0]!.send({
      ...telemetry,
      peers: [
        { rank: 1, path: "direct", ...peer },
        { rank: 2, path: "direct", ...silent },
      ],
    });
    workers[1]!.send({ ...telemetry, peers: [{ rank: 2, path: "relay", reason: "symmetric", ...peer }] });
    await finish(bench, workers);
    const report = await job.report;
    expect(report.pairs).toEqual({ direct: 1, relay: 1, redis: 0, memcached: 0, s3: 0 });
    expect(report.bytes).toEqual({ direct: 10, relay: 10, store: 0 });
    expect(report.stages).toMatchObject([{ name: "map", tasks: 1, retries: 0 }]);
    expect(report.job).toMatchObject({ encrypted: false, nat: "restricted", workers: 3 });
    const { wallMs, launchMs, runMs } = report.timing;
    expect(Math.abs(wallMs - launchMs - runMs)).toBeLessThanOrEqual(1);
    expect(events).toContainEqual({ type: "log", rank: 0, level: "warn", message: "careful" });
    expect(events.at(-1)).toEqual({ type: "end", report });
  });
});

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
  for (const { socket } of workers) await expect.poll(() => socket.destroyed).toBe(true);
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
    await finish(bench, workers);
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
    await finish(bench, workers);
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
