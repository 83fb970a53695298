import { noUsage } from "@fnmesh/core/internal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byGroup, type Cost, costOf, withTimeDividedBy } from "./ledger.ts";
import { type ItemName, itemNames } from "./price.ts";
import { type Platform, platforms, shippedPrices } from "./prices/index.ts";
import { billedMb, billedMs } from "./quantities.ts";
import { noRunUsage, type RunUsage, type ServerKind } from "./usage.ts";

const gigabyte = 2 ** 30;
const hour = 3_600_000;

const usage = (change: Partial<RunUsage>): RunUsage => ({ ...noRunUsage, ...change });
const priced = (change: Partial<RunUsage>, platform: Platform = "aws"): Cost =>
  costOf(usage(change), platform, shippedPrices[platform]);
const amounts = ({ lines }: Cost) => Object.fromEntries(lines.map(({ item, amount }) => [item, amount]));

const store = (rung: RunUsage["stores"][number]["rung"], change: object) => ({
  ...noUsage(),
  keptByteMs: 0,
  rung,
  ...change,
});
const workers = (count: number, ms: number, memoryMb: number) =>
  Array.from({ length: count }, () => ({ ms, memoryMb }));
const server = (kind: ServerKind, ms: number, count = 1) => ({ kind, count, ms });

describe("by hand", () => {
  test("100 x 100 through s3-naive: 10,000 PUTs and 10,000 GETs are $0.054", () => {
    const cost = priced({ stores: [store("s3-naive", { puts: 10_000, gets: 10_000 })] });
    expect(amounts(cost)).toEqual({ "s3-put": 0.05, "s3-get": 0.004 });
    expect(cost.total).toBe(0.054);
  });

  test("100 x 100 through s3-combined: 100 PUTs", () => {
    const cost = priced({ stores: [store("s3-combined", { puts: 100, gets: 10_000 })] });
    expect(amounts(cost)).toEqual({ "s3-put": 0.0005, "s3-get": 0.004 });
  });

  test("100 workers of 2 GB for 9 s are 1,800 GB-s, about $0.03", () => {
    const cost = priced({ invocations: workers(100, 9_000, 2048) });
    expect(amounts(cost)).toEqual({ compute: 0.03000006, invocations: 0.00002 });
    expect(cost.lines[0]).toEqual({
      item: "compute",
      group: "compute",
      quantity: 1800,
      unit: "GB-s",
      unitPrice: 0.0000166667,
      amount: 0.03000006,
      seen: "2025",
    });
    expect(priced({ invocations: workers(100, 9_000, 2048) }, "aws-arm64").total).toBeCloseTo(0.02402012, 12);
  });

  test("Google bills processor and memory apart, by 100 ms", () => {
    const cost = priced({ invocations: workers(10, 1_001, 1024) }, "google");
    expect(amounts(cost)).toEqual({
      compute: 0.0000275, // 10 x 1.1 s x 1 GiB
      "compute-cpu": 0.000153912, // 10 x 1.1 s x 0.583 vCPU
      invocations: 0.000004,
    });
  });

  test("IBM bills processor and memory apart, in decimal gigabytes, and a call each", () => {
    const cost = priced({ invocations: workers(10, 6_000, 2000) }, "ibm");
    expect(amounts(cost)).toEqual({
      compute: 0.0004272, // 10 x 6 s x 2 GB
      "compute-cpu": 0.0020586, // 10 x 6 s x 1 vCPU
      invocations: 0.00000538,
    });
    // As IBM's own scenario: 4 GB and 720 hours, 5 million calls.
    const month = priced({ invocations: workers(1, 720 * hour, 4000) }, "ibm");
    expect(month.lines.find(({ item }) => item === "compute")?.quantity).toBe(10_368_000);
  });

  test("Oracle bills memory in the sizes that it has, and processors with it", () => {
    const cost = priced({ invocations: workers(16, 60_000, 500) }, "oracle");
    expect(amounts(cost)).toEqual({ compute: 0.0068016, invocations: 0.0000032 }); // 16 x 60 s x 0.5 GB
    const stores = [store("s3-naive", { puts: 10_000, gets: 10_000 })];
    expect(amounts(priced({ stores }, "oracle"))).toEqual({ "s3-put": 0.0034, "s3-get": 0.0034 });
  });

  test("an orchestrator and two relays for a quarter of an hour, each with its address", () => {
    const servers = [server("orchestrator", hour / 4), server("relay", hour / 4, 2)];
    const cost = priced({
      servers,
      bytes: { direct: gigabyte, relayed: 3 * gigabyte, acrossZones: gigabyte },
    });
    expect(amounts(cost)).toEqual({
      orchestrator: 0.024,
      relay: 0.048,
      address: 0.00375,
      "relay-traffic": 0.06,
      "zone-traffic": 0.02,
    });
    expect(byGroup(cost)).toEqual({ servers: 0.07575, traffic: 0.08 });
    expect(cost.total).toBe(0.15575);
  });

  test("a Redis node stands by for the whole run, whatever is asked of it", () => {
    const servers = [server("redis", hour / 10)];
    const idle = priced({ servers });
    const busy = priced({ servers, stores: [store("redis", { commands: 1e9, writtenBytes: 1e12 })] });
    expect(amounts(idle)).toEqual({ "redis-node": 0.0149 });
    expect(busy).toEqual(idle);
  });

  test("what S3 keeps is paid by gigabyte and hour: 730 GB-hours are a GB-month", () => {
    const cost = priced({ stores: [store("s3-combined", { keptByteMs: 73 * gigabyte * hour })] });
    expect(amounts(cost)).toEqual({ "s3-stored": 0.0023 });
  });

  test("a run whose clock went ten times too slow: what is paid by time counts a tenth", () => {
    const cost = priced({
      invocations: workers(2, 10_000, 1024),
      stores: [store("s3-naive", { puts: 10, keptByteMs: 730 * gigabyte * hour })],
      servers: [server("orchestrator", hour)],
    });
    const atSpeed = withTimeDividedBy(10, cost);
    expect(amounts(atSpeed)).toEqual({
      ...{ compute: 0.0000333334, invocations: 0.0000004 },
      ...{ "s3-put": 0.00005, "s3-stored": 0.0023, orchestrator: 0.0096, address: 0.0005 },
    });
    expect(atSpeed.total).toBeCloseTo(0.0124837334, 12);
    expect(atSpeed.lines[0]?.quantity).toBe(2);
  });

  test("nothing comes to nothing, without lines", () => {
    expect(priced({})).toEqual({
      ...{ currency: "USD", total: 0, platform: "aws", title: "AWS x86" },
      ...{ lines: [], unpriced: [] },
    });
  });

  test("what was used and has no price is named, what was not used is not", () => {
    const bytes = { direct: 0, relayed: 1, acrossZones: 0 };
    expect(priced({ bytes }, "google").unpriced).toEqual(["relay-traffic"]);
    expect(priced({ bytes }, "aws").unpriced).toEqual([]);
  });
});

describe("rounding", () => {
  test.each<[Platform, number, number]>([
    ["aws", 0, 1],
    ["aws", 0.2, 1],
    ["aws", 1, 1],
    ["aws", 1.0000000001, 1], // a float's error is no millisecond
    ["aws", 1.001, 2],
    ["azure", 3, 100],
    ["azure", 100.5, 101],
    ["azure-flex", 3, 1000],
    ["azure-flex", 1001, 1100],
    ["google", 1, 100],
    ["google", 100, 100],
    ["google", 100.1, 200],
    ["ibm", 0.2, 1],
    ["ibm", 1500.5, 1501],
    ["oracle", 1500.5, 1501],
  ])("%s bills %d ms as %d", (platform, ms, billed) => {
    expect(billedMs(ms, shippedPrices[platform].rules)).toBe(billed);
  });

  test.each<[Platform, number, number]>([
    ["aws", 777, 777],
    ["azure", 777, 896],
    ["azure-flex", 777, 2048],
    ["azure-flex", 5000, 5120],
    ["google", 777, 777],
    ["ibm", 1024, 2000],
    ["ibm", 4096, 8000],
    ["oracle", 777, 1024],
    ["oracle", 4096, 4096],
  ])("%s bills %d MB as %d", (platform, mb, billed) => {
    expect(billedMb(mb, shippedPrices[platform].rules)).toBe(billed);
  });

  test("a minimum of hours is for each server that was there", () => {
    const tariff = shippedPrices.aws;
    const rules = { ...tariff.rules, minimumHours: 1 };
    const servers = [server("orchestrator", 1000), server("redis", 1000, 0), server("relay", 2 * hour)];
    const cost = costOf(usage({ servers }), "aws", { ...tariff, rules });
    expect(amounts(cost)).toEqual({ orchestrator: 0.096, relay: 0.192, address: 0.015 });
  });
});

const count = fc.nat({ max: 1_000_000 });
const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
const anyUsage: fc.Arbitrary<RunUsage> = fc.record({
  invocations: fc.array(
    fc.record({
      ms: fc.double({ min: 0, max: 9e5, noNaN: true }),
      memoryMb: fc.integer({ min: 128, max: 10_240 }),
    }),
    { maxLength: 20 },
  ),
  stores: fc.array(
    fc.record({
      rung: fc.constantFrom("redis", "memcached", "s3-naive", "s3-combined"),
      ...{ puts: count, gets: count, lists: count, deletes: count, commands: count, retries: count },
      ...{ writtenBytes: amount, readBytes: amount, keptByteMs: amount },
    }),
    { maxLength: 4 },
  ),
  servers: fc.array(
    fc.record({
      kind: fc.constantFrom("orchestrator", "relay", "redis", "memcached"),
      count: fc.nat({ max: 8 }),
      ms: fc.double({ min: 0, max: 1e8, noNaN: true }),
    }),
    { maxLength: 4 },
  ),
  bytes: fc.record({ direct: amount, relayed: amount, acrossZones: amount }),
});
const anyPlatform = fc.constantFrom(...platforms);

describe("always", () => {
  test("the total is the sum of the lines, each line its quantity times its price, none below zero", () => {
    fc.assert(
      fc.property(anyUsage, anyPlatform, (used, platform) => {
        const { total, lines } = costOf(used, platform, shippedPrices[platform]);
        const within = 1e-12 * Math.max(1, total);
        expect(Math.abs(lines.reduce((sum, line) => sum + line.amount, 0) - total)).toBeLessThanOrEqual(
          within,
        );
        for (const { quantity, unitPrice, amount } of lines) {
          expect(amount).toBeGreaterThan(0);
          expect(Math.abs(quantity * unitPrice - amount)).toBeLessThanOrEqual(within);
        }
      }),
    );
  });

  test("lines stand in the table's order, each item once", () => {
    fc.assert(
      fc.property(anyUsage, anyPlatform, (used, platform) => {
        const told = costOf(used, platform, shippedPrices[platform]).lines.map(({ item }) => item);
        expect(told).toEqual(itemNames.filter((item) => told.includes(item)));
        expect(new Set(told).size).toBe(told.length);
      }),
    );
  });

  test("who uses more does not pay less", () => {
    const more = (a: RunUsage, b: RunUsage): RunUsage => ({
      invocations: [...a.invocations, ...b.invocations],
      stores: [...a.stores, ...b.stores],
      servers: [...a.servers, ...b.servers],
      bytes: {
        direct: a.bytes.direct + b.bytes.direct,
        relayed: a.bytes.relayed + b.bytes.relayed,
        acrossZones: a.bytes.acrossZones + b.bytes.acrossZones,
      },
    });
    fc.assert(
      fc.property(anyUsage, anyUsage, anyPlatform, (a, b, platform) => {
        const tariff = shippedPrices[platform];
        const [less, all] = [costOf(a, platform, tariff), costOf(more(a, b), platform, tariff)];
        expect(all.total).toBeGreaterThanOrEqual(less.total);
        const of = (cost: Cost, item: ItemName) => cost.lines.find((line) => line.item === item)?.amount ?? 0;
        for (const item of itemNames) expect(of(all, item)).toBeGreaterThanOrEqual(of(less, item));
      }),
    );
  });
});
