// How sessions end when something goes away in the middle: who learns of it, and that nothing hangs.

import { FnmeshError, type Worker } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runSession, type Session } from "./session.suite.ts";

const restricted = ["restricted", "restricted", "restricted"] as const;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof FnmeshError ? error.code : String(error)),
  );

/** The others wait for a message of worker 1, which `goes` in one way or another; what they are told. */
async function whenOneGoes(goes: (session: Session) => void | Promise<void>, mayLeave = false) {
  const told: string[] = [];
  const startedMs: number[] = [];
  const endedMs: number[] = [];
  const outcome = await runSession({
    workers: restricted,
    mayLeave,
    run: async (worker: Worker, session) => {
      await worker.peers.connectAll();
      await worker.barrier();
      startedMs[worker.rank] = session.clock.now();
      if (worker.rank === 1) {
        await goes(session);
        await worker.peers.receive({ tag: 99 });
      } else {
        told[worker.rank] = await codeOf(worker.peers.receive({ from: 1 }));
        endedMs[worker.rank] = session.clock.now();
        throw new Error(`worker ${worker.rank} heard ${told[worker.rank]}`);
      }
    },
  });
  return { outcome, told, waitedMs: [0, 2].map((rank) => endedMs[rank]! - startedMs[rank]!) };
}

describe("a worker", () => {
  it("that returns early is PEER_FINISHED for whoever still waits for it", async () => {
    let told = "";
    const outcome = await runSession({
      workers: ["restricted", "restricted"],
      run: async ({ rank, peers }) => {
        await peers.connectAll();
        if (rank === 0) told = await codeOf(peers.receive({ from: 1 }));
      },
    });
    expect(told).toBe("PEER_FINISHED");
    expect(outcome.report.error).toBeNull();
  });

  it("whose process is killed is lost at once: the job fails and names it", async () => {
    const { outcome, told, waitedMs } = await whenOneGoes(({ lab }) => lab.workers[1]!.kill());
    expect(outcome.report.job.status).toBe("failed");
    expect(told.filter(Boolean).every((code) => code === "PEER_LOST" || code === "WORKER_LOST")).toBe(true);
    expect(Math.max(...waitedMs.filter((ms) => ms >= 0))).toBeLessThan(5000);
  });

  it("whose machine goes dark without a word is found out, and the job ends", async () => {
    const { outcome } = await whenOneGoes(({ lab }) => lab.network.cut(lab.workers[1]!), true);
    expect(outcome.report.job.status).toBe("failed");
    expect(outcome.report.error?.rank).toBe(1);
    expect(outcome.tookMs).toBeLessThan(301_000);
  });

  it("whose machine went dark keeps no socket once its invocation is over", async () => {
    const { outcome } = await whenOneGoes(({ lab }) => lab.network.cut(lab.workers[1]!), true);
    expect(outcome.left).toEqual([]);
  });

  it("that throws ends the job for all, with its own error", async () => {
    const outcome = await runSession({
      workers: restricted,
      run: async ({ rank, peers }) => {
        await peers.connectAll();
        if (rank === 2) throw new TypeError("no such luck");
        await peers.receive({ from: 2 });
      },
    });
    expect(outcome.report.error).toMatchObject({ code: "JOB_THREW", message: "no such luck", rank: 2 });
    expect(outcome.tookMs).toBeLessThan(5000);
  });

  it("that hangs is ended by the function's time limit", async () => {
    const outcome = await runSession({
      workers: ["restricted", "none"],
      timeoutMs: 30_000,
      run: async ({ rank, peers }) => {
        if (rank === 0) await new Promise(() => undefined);
        else await peers.receive({ from: 0 });
      },
    });
    expect(outcome.report.job.status).toBe("failed");
    expect(outcome.report.error?.code).toBe("WORKER_TIMEOUT");
    expect(outcome.tookMs).toBeGreaterThan(29_000);
    expect(outcome.tookMs).toBeLessThan(40_000);
  });
});
