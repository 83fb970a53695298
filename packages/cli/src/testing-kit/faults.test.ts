import { defineJob, type Worker } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";
import { errorOf } from "./run-job.suite.ts";

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
