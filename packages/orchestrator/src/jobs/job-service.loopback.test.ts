// Jobs whose workers are played by hand over real sockets: what a worker is told, given and asked.

import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { FakeWorker } from "../rendezvous/testing/fake-worker.ts";
import type { InputPart, JobEvent } from "./job.ts";
import { memoryOutput, textPart } from "./testing/job-spec.ts";
import { createTestBench, type TestBench } from "./testing/test-bench.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

const open: TestBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});
async function setUp(): Promise<TestBench> {
  const bench = await createTestBench();
  open.push(bench);
  return bench;
}

const candidates = { type: "candidates", mapping: "endpoint-independent" } as const;
const candidate = { type: "srflx", tcpType: "so", host: "192.0.2.1", port: 4000 } as const;

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
      ladder: ["direct", "relay"],
      stores: {},
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
    await expect.poll(() => reads, patient).toBeGreaterThan(0);
    // The other worker's round trips pass the time in which a sender without bounds would have read it all.
    for (let round = 0; round < 200; round++) {
      workers[1]!.send({ type: "ping", id: round });
      await workers[1]!.message("pong");
    }
    // What the sockets' own buffers take, and far below what would end the connection as one that does not read.
    expect(reads * 256 * 1024).toBeLessThan(24 * 1024 * 1024);
    expect(bench.orchestrator.stats().refused.backlog).toBe(0);
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
    await bench.finish([workers[0]!], { words: 3 });
    bench.exit(workers[1]!.invocation, { kind: "completed" });
    const report = await job.report;
    expect(report).toMatchObject({ error: null, result: { words: 3 }, job: { status: "succeeded" } });
    expect(output.committed).toBe("first part\nsecond\n");
    expect(bench.provider.stopped.size).toBe(0);
  });

  test("reports what its workers emit, and tells it at once", async () => {
    const bench = await setUp();
    const { job, workers } = await bench.play({ workers: 2 });
    const events: JobEvent[] = [];
    job.subscribe((event) => events.push(event));
    const emitted = [
      { rank: 1, value: { best: 0.5 } },
      { rank: 1, value: null },
    ];
    workers[1]!.send({ type: "emit", value: { best: 0.5 } });
    workers[1]!.send({ type: "emit", value: undefined });
    await expect.poll(() => events.filter(({ type }) => type === "emit").length, patient).toBe(2);
    expect(events.filter(({ type }) => type === "emit")).toEqual(
      emitted.map((each) => ({ type: "emit", ...each })),
    );
    await bench.finish(workers);
    expect((await job.report).emitted).toEqual(emitted);
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
    await expect
      .poll(() => job.snapshot().stages, patient)
      .toMatchObject([{ name: "map", running: 1, tasks: 1 }]);
    workers[0]!.send({ type: "stage", name: "map", event: "end" });
    workers[0]!.send({
      ...telemetry,
      peers: [
        { rank: 1, path: "direct", ...peer },
        { rank: 2, path: "direct", ...silent },
      ],
    });
    workers[1]!.send({ ...telemetry, peers: [{ rank: 2, path: "relay", reason: "symmetric", ...peer }] });
    await bench.finish(workers);
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
