import { noUsage } from "@fnmesh/core/internal";
import { afterEach, expect, test } from "vitest";
import type { CostLine } from "../cost/ledger.ts";
import { resolvePrices } from "../cost/resolve-prices.ts";
import type { JobReport, JobSnapshot } from "./job.ts";
import { testSpec } from "./testing/job-spec.ts";
import { createTestBench, type TestBench, type TestBenchOptions } from "./testing/test-bench.ts";

let bench: TestBench | undefined;
afterEach(() => bench?.close());

async function setUp(options?: TestBenchOptions): Promise<TestBench> {
  bench = await createTestBench(options);
  return bench;
}

const lineOf = ({ cost }: JobReport, item: string): CostLine | undefined =>
  cost.lines.find((line) => line.item === item);
const sumOf = ({ cost }: JobReport) => cost.lines.reduce((sum, { amount }) => sum + amount, 0);

test("a run costs its workers' time, its orchestrator, and what its stores were asked", async () => {
  const { play, finish } = await setUp({ orchestrator: { stores: { "s3-combined": {} } } });
  const { job, workers } = await play({ channel: "s3-combined", memoryMb: 1024 });
  const rung = "s3-combined" as const;
  workers[0]!.send({
    ...{ type: "telemetry", peers: [], memoryBytes: 1 },
    stores: [{ rung, ...noUsage(), puts: 9, writtenBytes: 2 ** 30 }],
  });
  workers[0]!.send({
    ...{ type: "telemetry", peers: [], memoryBytes: 1 },
    stores: [{ rung, ...noUsage(), puts: 10, gets: 3, writtenBytes: 2 ** 30 }],
  });
  await finish(workers);
  const report = await job.report;
  expect(report.cost).toMatchObject({ currency: "USD", platform: "aws", title: "AWS x86", unpriced: [] });
  expect(report.cost.lines.map(({ item }) => item)).toEqual([
    ...["compute", "invocations", "s3-put", "s3-get", "s3-stored", "orchestrator", "address"],
  ]);
  expect(lineOf(report, "s3-put")).toMatchObject({ quantity: 10, amount: 0.00005 });
  expect(lineOf(report, "s3-get")).toMatchObject({ quantity: 3, amount: 0.0000012 });
  expect(lineOf(report, "invocations")).toMatchObject({ quantity: 2 });
  expect(report.cost.total).toBeCloseTo(sumOf(report), 12);
});

test("an attempt that failed is paid for like the one after it", async () => {
  const { submit, launch, exit } = await setUp();
  const { job, invocations } = await submit({ workers: 1 });
  exit(invocations[0]!, { kind: "crashed", detail: "boom" });
  exit(await launch(job.id, 0, 1), { kind: "crashed", detail: "boom" });
  const report = await job.report;
  expect(report.job.status).toBe("failed");
  expect(lineOf(report, "invocations")).toMatchObject({ quantity: 2 });
});

test("the snapshot shows what the run has come to, and never more than the report", async () => {
  const { play, finish } = await setUp();
  const { job, workers } = await play();
  const before: JobSnapshot["cost"] = job.snapshot().cost;
  expect(before).toMatchObject({ currency: "USD", platform: "aws", title: "AWS x86" });
  expect(before.total).toBeGreaterThan(0);
  await finish(workers);
  const { cost } = await job.report;
  expect(before.total).toBeLessThanOrEqual(cost.total);
  // An ended run costs no more, however late somebody looks.
  expect(job.snapshot().cost.total).toBe(cost.total);
});

test("a job that was cancelled before it began costs nothing", async () => {
  const { orchestrator, submit } = await setUp({ provider: { workers: 2 } });
  await submit({ workers: 2 });
  const waiting = orchestrator.submit(testSpec({ workers: 2 }));
  expect((await waiting.cancel("not needed")).cost).toMatchObject({ total: 0, lines: [] });
});

test("one's own prices and another platform count where they are given", async () => {
  const prices = await resolvePrices({ google: { invocations: 1_000_000 } });
  const { play, finish } = await setUp({ orchestrator: { prices } });
  const { job, workers } = await play({ priceAs: "google" });
  await finish(workers);
  const report = await job.report;
  expect(report.cost.title).toBe("Google");
  expect(lineOf(report, "invocations")).toMatchObject({ unitPrice: 1, amount: 2, seen: "given" });
});

test("a run on a platform that bills it is priced as that, and says so; a run elsewhere is a comparison", async () => {
  const { play, finish } = await setUp({ provider: { pricedAs: "azure-flex" } });
  const { job, workers } = await play();
  expect(job.snapshot().cost).toMatchObject({
    platform: "azure-flex",
    title: "Azure Flex",
    comparison: false,
  });
  await finish(workers);
  const { cost } = await job.report;
  expect(cost).toMatchObject({ platform: "azure-flex", title: "Azure Flex", comparison: false });
  const other = await play({ priceAs: "aws" });
  await finish(other.workers);
  expect((await other.job.report).cost).toMatchObject({ platform: "aws", comparison: true });
});

test("a worker is paid for with the memory that was deployed, however little its job asks for", async () => {
  const { play, finish } = await setUp({ provider: { pricedAs: "azure-flex", deployedMb: 4096 } });
  const { job, workers } = await play({ memoryMb: 512 });
  await finish(workers);
  // At the least a second each, of 4 GB.
  expect(lineOf(await job.report, "compute")?.quantity).toBeGreaterThanOrEqual(2 * 4);
});

test("the operator's own machines are compared with AWS", async () => {
  const { play, finish } = await setUp();
  const { job, workers } = await play();
  expect(job.snapshot().cost).toMatchObject({ platform: "aws", comparison: true });
  await finish(workers);
  expect((await job.report).cost).toMatchObject({ platform: "aws", comparison: true });
});

test("a platform without prices is refused before anything starts", async () => {
  const { orchestrator, provider } = await setUp();
  for (const priceAs of ["awz", "toString"]) {
    expect(() => orchestrator.submit(testSpec({ priceAs }))).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringContaining("aws-arm64") }),
    );
  }
  expect(provider.launches).toEqual([]);
});
