import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { defineJob, FnmeshError, type Worker } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { type FailedJobError, runJob } from "./index.ts";

/** Each tells the next one its rank. */
const ring = defineJob({
  name: "ring",
  async run({ rank, size, send, receive }) {
    await send((rank + 1) % size, rank);
    return (await receive<number>()).value;
  },
});

const errorOf = (run: Promise<unknown>): Promise<FailedJobError> =>
  run.then(
    () => {
      throw new Error("the job has not failed");
    },
    (error: FailedJobError) => error,
  );

describe("a job in a test", () => {
  it("runs on four workers behind NATs like Lambda's, and says how it went", async () => {
    const { result, results, connections, report, output, logs } = await runJob(ring);
    expect([result, results]).toEqual([3, [3, 0, 1, 2]]);
    expect(connections.flat().map(({ path }) => path)).toEqual(Array(8).fill("direct"));
    expect(report.job).toMatchObject({ name: "ring", status: "succeeded", workers: 4, nat: "restricted" });
    expect([output, logs]).toEqual(["", []]);
  });

  it("has parameters, logs, stages, collectives, barriers and an output by rank", async () => {
    const job = defineJob({
      async run({ rank, params, log, stage, allReduce, barrier, emit, output }) {
        const sum = await stage("add", () => allReduce(rank * Number(params.by), "sum"));
        await barrier();
        if (rank === 1) log.warn("one", { sum });
        if (rank === 2) emit({ sum });
        await output.write(`${rank}: ${sum}\n`);
        await output.write(new Uint8Array([0x21, 10]));
        return new Map([[rank, sum]]);
      },
    });
    const run = await runJob(job, { workers: 3, params: { by: "10" } });
    expect(run.output).toBe("0: 30\n!\n1: 30\n!\n2: 30\n!\n");
    expect(run.outputParts.map(String)).toEqual(["0: 30\n!\n", "1: 30\n!\n", "2: 30\n!\n"]);
    expect(run.logs).toEqual([{ rank: 1, level: "warn", message: 'one {"sum":30}' }]);
    expect(run.report.stages).toMatchObject([{ name: "add", tasks: 3 }]);
    expect(run.report.emitted).toEqual([{ rank: 2, value: { sum: 30 } }]);
    // A Map is nothing that JSON has: what a real run would show is shown here.
    expect(run.result).toEqual({});
    expect(run.results[2]).toEqual(new Map([[2, 30]]));
  });

  it("is the same at every run with one seed, and another with another", async () => {
    const timesOf = async (seed: number) => {
      const { report, connections } = await runJob(ring, { seed, link: { jitterMs: 50, synLoss: 0.1 } });
      return [report.timing, report.paths, connections];
    };
    expect(await timesOf(7)).toEqual(await timesOf(7));
    expect(await timesOf(7)).not.toEqual(await timesOf(8));
  });

  it("takes what channel and NATs allow", async () => {
    const pathsWith = async (options: Parameters<typeof runJob>[1]) => {
      const { report } = await runJob(ring, { workers: 2, ...options });
      return report.paths.map(({ path }) => path);
    };
    expect(await pathsWith({ nat: ["symmetric", "none"] })).toEqual(["direct"]);
    expect(await pathsWith({ nat: "symmetric" })).toEqual(["relay"]);
    expect(await pathsWith({ channel: "relay", encrypt: false })).toEqual(["relay"]);
  });
});

const texts = defineJob({
  async run({ input }) {
    const read: [string, string[]][] = [];
    for (const split of input) {
      const chunks: string[] = [];
      for await (const chunk of split.chunks()) chunks.push(String(Buffer.from(chunk)));
      expect(String(Buffer.from(await split.read()))).toBe(chunks.join(""));
      read.push([split.name, chunks]);
    }
    return read;
  },
});

describe("input", () => {
  it("is shared out evenly, cut where lines begin", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 10}\n`);
    const { results } = await runJob(texts, { workers: 3, input: [lines.join("")] });
    const parts = results.map((splits) => splits.map(([, chunks]) => chunks.join("")).join(""));
    expect(parts).toEqual([0, 10, 20].map((from) => lines.slice(from, from + 10).join("")));
  });

  it("has the names that it is given, and may be each worker's own", async () => {
    const named = { name: "b.txt", content: Buffer.from("b\n") };
    const shared = await runJob(texts, { workers: 1, input: ["a\n", named] });
    expect(shared.results[0]).toEqual([
      ["input-0.txt", ["a\n"]],
      ["b.txt", ["b\n"]],
    ]);
    const own = await runJob(texts, { inputByRank: [["a"], [], [named, ""]] });
    expect(own.results).toEqual([
      [["input-0.txt", ["a"]]],
      [],
      [
        ["b.txt", ["b\n"]],
        ["input-1.txt", []],
      ],
    ]);
  });

  it("comes in pieces as small as a test wants", async () => {
    const { results } = await runJob(texts, { workers: 1, input: ["abcdefgh"], chunkBytes: 3 });
    expect(results[0]).toEqual([["input-0.txt", ["abc", "def", "gh"]]]);
  });
});

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
    expect(error.stack).toContain("run-job.test.ts");
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

describe("faults", () => {
  const rounds = defineJob({
    async run({ rank, size, peers, stage, send, receive }: Worker) {
      await peers.connectAll();
      await stage("talk", async () => {
        for (let round = 0; round < 50; round += 1) {
          for (let to = 0; to < size; to += 1) if (to !== rank) await send(to, round);
          for (let from = 0; from < size; from += 1) if (from !== rank) await receive({ from });
        }
      });
      return peers.connections().map(({ path }) => path);
    },
  });

  it("a worker that is killed in a stage is named", async () => {
    const error = await errorOf(runJob(rounds, { faults: [{ kill: 2, at: { stage: "talk" } }] }));
    expect(error).toMatchObject({ code: "WORKER_LOST", rank: 2 });
    expect(error.message).toContain("SIGKILL");
  });

  it("a worker that dies before it has joined is started once more", async () => {
    const attempts: number[] = [];
    const job = defineJob({
      async run({ rank, attempt, barrier }) {
        attempts[rank] = attempt;
        await barrier();
      },
    });
    await runJob(job, { workers: 3, faults: [{ kill: 1 }] });
    expect(attempts).toEqual([0, 1, 0]);
  });

  it("a worker whose machine goes dark is found out", async () => {
    const error = await errorOf(runJob(rounds, { faults: [{ unplug: 1, at: { stage: "talk" } }] }));
    expect(error).toMatchObject({ code: "WORKER_LOST", rank: 1 });
    expect(error.cause).toBeUndefined();
    expect(error.message).toContain("nothing was heard of it");
  });

  it("two between which nothing passes take the relay, the others do not", async () => {
    const { report } = await runJob(rounds, { workers: 3, faults: [{ part: [0, 2] }] });
    expect(report.paths.map(({ ranks, path }) => [...ranks, path])).toEqual([
      [0, 1, "direct"],
      [0, 2, "relay"],
      [1, 2, "direct"],
    ]);
  });

  it("happen when they are to", async () => {
    const early = await errorOf(
      runJob(rounds, { link: { latencyMs: 50 }, faults: [{ kill: 0, at: { ms: 2_000 } }] }),
    );
    expect(early).toMatchObject({ code: "WORKER_LOST", rank: 0 });
    const late = await runJob(rounds, { faults: [{ kill: 0, at: { ms: 50_000 } }] });
    expect(late.report.job.status).toBe("succeeded");
  });

  it("lost SYNs cost time and nothing else", async () => {
    const { report } = await runJob(rounds, { seed: 3, link: { synLoss: 0.3, latencyMs: 20 } });
    expect(report.job.status).toBe("succeeded");
  });
});

describe("real work in a job", () => {
  const compress = promisify(gzip);
  const run = promisify(execFile);
  const readFiles = async (times: number) => {
    for (let time = 0; time < times; time += 1) await readFile(import.meta.filename);
  };
  /** What takes real time, and far more of it than the virtual minute would take to fly by. */
  const works: readonly (readonly [string, (worker: Worker) => Promise<unknown>])[] = [
    ["files", () => readFiles(50)],
    ["sleep", () => sleep(50)],
    ["compression", () => compress(Buffer.alloc(5_000_000, "fnmesh "))],
    ["a hash by WebCrypto", () => crypto.subtle.digest("SHA-256", new Uint8Array(30_000_000))],
    ["a process", () => run(process.execPath, ["--version"])],
    [
      "turns of the event loop",
      async () => {
        for (let turn = 0; turn < 3_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      },
    ],
  ];

  it.each(works)(
    "%s: while others wait for the worker, no time limit comes nearer than it does",
    async (_, work) => {
      const job = defineJob({
        async run(worker) {
          if (worker.rank === 1) await work(worker);
          await worker.barrier();
          return Math.round(worker.remainingMs());
        },
      });
      const startedMs = performance.now();
      const { results } = await runJob(job, { workers: 3, timeoutMs: 900_000 });
      const tookMs = performance.now() - startedMs;
      // The virtual part of it, joining and connecting, takes less than a second.
      for (const remainingMs of results) expect(900_000 - remainingMs).toBeLessThan(tookMs + 1_000);
    },
  );

  it("is noticed beside a receive, too", async () => {
    const job = defineJob({
      async run({ rank, send, receive, remainingMs }) {
        const received = receive({ from: 1 - rank });
        await readFiles(2_000);
        await send(1 - rank, "done");
        await received;
        return remainingMs();
      },
    });
    const startedMs = performance.now();
    const { results } = await runJob(job, { workers: 2, timeoutMs: 900_000 });
    expect(900_000 - Math.min(...results)).toBeLessThan(performance.now() - startedMs + 1_000);
  });

  it("several runs at once do not disturb each other", async () => {
    const runs = await Promise.all([1, 2, 3].map((workers) => runJob(ring, { workers })));
    expect(runs.map(({ result }) => result)).toEqual([0, 1, 2]);
  });
});

describe("options that cannot be", () => {
  it.each([
    [{ workers: 0 }, "INVALID_ARGUMENT"],
    [{ workers: 2, nat: ["none"] }, "INVALID_ARGUMENT"],
    [{ workers: 2, inputByRank: [[]] }, "INVALID_ARGUMENT"],
    [{ input: [], inputByRank: [[]] }, "INVALID_ARGUMENT"],
    [{ chunkBytes: 0 }, "INVALID_ARGUMENT"],
    [{ workers: 2, faults: [{ kill: 2 }] }, "INVALID_ARGUMENT"],
    [{ workers: 2, faults: [{ part: [1, 1] }] }, "INVALID_ARGUMENT"],
    [{ nat: "cone" as "open" }, "UNKNOWN_NAT_PROFILE"],
    [{ channel: "pigeon" }, "UNKNOWN_CHANNEL"],
    [{ channel: "redis" }, "INVALID_ARGUMENT"],
    [{ memoryMb: 1 }, "LIMIT"],
  ] as const)("%j", async (options, code) => {
    expect(await errorOf(runJob(ring, options))).toMatchObject({ code });
  });
});
