import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { defineJob, type Worker } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";
import { ring } from "./run-job.suite.ts";

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
