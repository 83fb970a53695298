// A job's stores through its whole life, its workers played by hand: leased before the launch, swept before the report.

import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { StoreRung } from "@fnmesh/core/protocol";
import { afterEach, expect, test } from "vitest";
import { testSpec } from "../jobs/testing/job-spec.ts";
import { createTestBench, type TestBench } from "../jobs/testing/test-bench.ts";
import { joinAs } from "../rendezvous/testing/fake-worker.ts";
import { leaseMarginMs } from "./job-stores.ts";
import { type FakeKeeper, fakeKeeper } from "./testing/fake-keeper.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Secrets are in the settings, and nowhere else. */
const settings = { url: "redis://:canary@127.0.0.1:6379" };

interface Setting {
  readonly bench: TestBench;
  readonly parent: string;
}

async function setUp(keepers: readonly FakeKeeper[], provider: object = {}): Promise<Setting> {
  const parent = mkdtempSync(join(tmpdir(), "fnmesh-job-stores-"));
  closing.push(() => rmSync(parent, { recursive: true, force: true }));
  const rungs = keepers.flatMap((keeper) => keeper.rungs);
  const bench = await createTestBench({
    orchestrator: {
      keepers,
      stores: Object.fromEntries(rungs.map((rung) => [rung, settings])),
      storeLedger: { parent, places: Object.fromEntries(rungs.map((rung) => [rung, `place of ${rung}`])) },
    },
    provider,
  });
  closing.push(() => bench.close());
  return { bench, parent };
}

/** Asked of the store for its own sake, at the start. */
const ofJobs = ({ asked }: FakeKeeper) => asked.filter((what) => what !== "expired");
const unavailable = (code: "STORE_UNAVAILABLE" | "STORE_AUTH" = "STORE_UNAVAILABLE") =>
  new FnmeshError(code, "redis at 127.0.0.1:6379 does not answer");

test("lease, launch, end of the workers, sweep, report: in this order", async () => {
  const order: string[] = [];
  const keeper = fakeKeeper({ before: (asked) => void order.push(asked.split(" ")[0]!) });
  const { bench, parent } = await setUp([keeper], {
    beforeLaunch: ({ rank }: { rank: number }) => void order.push(`launch ${rank}`),
  });
  const before = Date.now();
  const { job, workers } = await bench.play({ channel: "redis" });
  void job.report.then(() => order.push("report"));
  const until = keeper.leases.get(job.id)!;
  expect(until).toBeGreaterThanOrEqual(before + 60_000 + leaseMarginMs);
  const [ledger] = readdirSync(parent);
  expect(readdirSync(join(parent, ledger!)).sort()).toEqual(["alive", job.id].sort());
  await bench.finish(workers);
  expect((await job.report).job.status).toBe("succeeded");
  expect(order.filter((what) => what !== "expired")).toEqual([
    ...["lease", "launch 0", "launch 1", "sweep", "report"],
  ]);
  expect(keeper.leases.size).toBe(0);
  await bench.close();
  expect(readdirSync(parent)).toEqual([]);
});

test("the sweep waits for the last worker's process", async () => {
  const keeper = fakeKeeper();
  const { bench } = await setUp([keeper]);
  const { job, workers } = await bench.play({ channel: "redis" });
  for (const worker of workers) worker.send({ type: "result", value: null });
  await Promise.all(workers.map((worker) => worker.message("done")));
  bench.exit(workers[0]!.invocation, { kind: "completed" });
  expect(ofJobs(keeper)).toEqual([`lease ${job.id}`]);
  bench.exit(workers[1]!.invocation, { kind: "completed" });
  await job.report;
  expect(ofJobs(keeper)).toEqual([`lease ${job.id}`, `sweep ${job.id}`]);
});

test.each<[string, readonly StoreRung[], string, readonly string[]]>([
  [
    "the keeper of both layouts is asked once",
    ["s3-naive", "s3-combined"],
    "s3-naive,s3-combined",
    ["lease", "sweep"],
  ],
  ["a keeper whose rungs the channel does not have is not asked", ["memcached"], "direct,relay", []],
])("%s", async (_, rungs, channel, asked) => {
  const keeper = fakeKeeper({ rungs });
  const { bench } = await setUp([keeper]);
  const { job, workers } = await bench.play({ channel });
  await bench.finish(workers);
  await job.report;
  expect(ofJobs(keeper)).toEqual(asked.map((what) => `${what} ${job.id}`));
});

test("what the sweep asks of the store is on the job's bill", async () => {
  const { bench } = await setUp([fakeKeeper({ rungs: ["s3-combined"] })]);
  const { job, workers } = await bench.play({ channel: "s3-combined" });
  await bench.finish(workers);
  const { lines } = (await job.report).cost;
  expect(lines.find(({ item }) => item === "s3-list")).toMatchObject({ quantity: 1, unit: "request" });
});

test.each(["STORE_UNAVAILABLE", "STORE_AUTH"] as const)(
  "%s of the only way fails the job before anything is launched",
  async (code) => {
    const keeper = fakeKeeper({
      before: (asked) => Promise.reject(asked === "expired" ? null : unavailable(code)),
    });
    const { bench, parent } = await setUp([keeper]);
    const job = bench.orchestrator.submit(testSpec({ channel: "redis" }));
    const { error, job: about } = await job.report;
    expect(error).toMatchObject({ code, message: "redis at 127.0.0.1:6379 does not answer" });
    expect(about.status).toBe("failed");
    expect(bench.provider.launches).toEqual([]);
    await bench.close();
    expect(readdirSync(parent)).toEqual([]);
  },
);

test("a store that does not answer is left out with a warning where the ladder has more", async () => {
  const dead = fakeKeeper({ rungs: ["redis"], before: () => Promise.reject(unavailable()) });
  const living = fakeKeeper({ rungs: ["memcached"] });
  const { bench } = await setUp([dead, living]);
  const { job, invocations } = await bench.submit({ channel: "redis,memcached" });
  const workers = await Promise.all(invocations.map(joinAs));
  const { ladder, stores } = workers[0]!.welcome;
  expect(ladder).toEqual(["memcached"]);
  expect(stores).toEqual({ memcached: settings });
  expect(bench.log.messages("warn")).toEqual(["a store is left out of the job"]);
  await bench.finish(workers);
  expect((await job.report).job.status).toBe("succeeded");
  expect(ofJobs(dead)).toEqual([`lease ${job.id}`]);
  expect(ofJobs(living)).toEqual([`lease ${job.id}`, `sweep ${job.id}`]);
  // The next job gets the whole ladder again.
  const again = await bench.submit({ channel: "redis,memcached" });
  expect(ofJobs(dead)).toEqual([`lease ${job.id}`, `lease ${again.job.id}`]);
  await again.job.cancel("the test is over");
});

test("a sweep that fails is a warning, not the job's failure, and stays in the ledger", async () => {
  const before = (asked: string) => (asked.startsWith("sweep") ? Promise.reject(unavailable()) : undefined);
  const keeper = fakeKeeper({ before });
  const { bench, parent } = await setUp([keeper]);
  const { job, workers } = await bench.play({ channel: "redis" });
  await bench.finish(workers);
  expect((await job.report).job.status).toBe("succeeded");
  expect(bench.log.messages("warn")).toEqual(["keys or objects of the job may have stayed in a store"]);
  await bench.close();
  expect(readdirSync(join(parent, readdirSync(parent)[0]!))).toEqual([job.id]);
  expect(bench.log.text()).not.toContain("canary");
});

test("a job that is cancelled while its lease is on the way is never launched, and swept", async () => {
  const held = new AbortController();
  const before = (asked: string) =>
    asked.startsWith("lease") ? once(held.signal, "abort").then(() => {}) : undefined;
  const keeper = fakeKeeper({ before });
  const { bench } = await setUp([keeper]);
  const job = bench.orchestrator.submit(testSpec({ channel: "redis" }));
  await expect.poll(() => ofJobs(keeper)).toEqual([`lease ${job.id}`]);
  const report = job.cancel("no longer wanted");
  held.abort();
  expect((await report).job.status).toBe("cancelled");
  expect(bench.provider.launches).toEqual([]);
  expect(ofJobs(keeper)).toEqual([`lease ${job.id}`, `sweep ${job.id}`]);
});

test("the next start sweeps jobs whose lease has ended, and no other", async () => {
  const keeper = fakeKeeper();
  keeper.leases.set("crashed", Date.now() - 1);
  keeper.leases.set("living", Date.now() + 60_000);
  await setUp([keeper]);
  await expect.poll(() => [...keeper.leases.keys()]).toEqual(["living"]);
});
