import { noUsage } from "@fnmesh/core/internal";
import { expect, test } from "vitest";
import { Meter } from "./meter.ts";

const noBytes = { direct: 0, relayed: 0, acrossZones: 0 };
const meterOf = (...ladder: ConstructorParameters<typeof Meter>[0]["ladder"]) =>
  new Meter({ memoryMb: 512, ladder });
const told = (change: object) => ({ ...noUsage(), ...change });

test("each attempt is an invocation, one that runs counts up to now", () => {
  const meter = meterOf("direct");
  meter.started(0, 0, 100);
  meter.started(1, 0, 100);
  meter.ended(1, 0, 150);
  meter.started(1, 1, 200);
  meter.ended(1, 1, 900);
  meter.ended(1, 1, 950); // told twice
  meter.ended(7, 0, 950); // never started
  const { invocations } = meter.usage(1000, noBytes);
  expect(invocations.map(({ ms }) => ms)).toEqual([50, 700, 900]);
  expect(new Set(invocations.map(({ memoryMb }) => memoryMb))).toEqual(new Set([512]));
});

test("servers stand by from the first start on: those of the ladder, used or not", () => {
  const meter = meterOf("direct", "relay", "redis");
  expect(meter.usage(50, noBytes).servers.every(({ ms }) => ms === 0)).toBe(true);
  meter.started(0, 0, 100);
  meter.started(1, 0, 400);
  meter.relaysKept(3);
  meter.relaysKept(2);
  expect(meter.usage(1100, noBytes).servers).toEqual([
    { kind: "orchestrator", count: 1, ms: 1000 },
    { kind: "relay", count: 3, ms: 1000 },
    { kind: "redis", count: 1, ms: 1000 },
    { kind: "memcached", count: 0, ms: 1000 },
  ]);
});

test("relays that this job may not use are not on its bill", () => {
  const meter = meterOf("direct");
  meter.started(0, 0, 0);
  meter.relaysKept(3);
  expect(meter.usage(1, noBytes).servers[1]).toMatchObject({ kind: "relay", count: 0 });
});

test("a worker's totals replace what it told before, each attempt counts for itself", () => {
  const meter = meterOf("s3-naive");
  meter.storesTold(0, 0, [{ rung: "s3-naive", ...told({ puts: 5 }) }], 10);
  meter.storesTold(0, 0, [{ rung: "s3-naive", ...told({ puts: 7, gets: 1 }) }], 20);
  meter.storesTold(0, 1, [{ rung: "s3-naive", ...told({ puts: 1 }) }], 30);
  meter.storesTold(1, 0, [{ rung: "s3-naive", ...told({ puts: 2 }) }], 30);
  expect(meter.usage(40, noBytes).stores).toEqual([
    { rung: "s3-naive", ...told({ puts: 10, gets: 1 }), keptByteMs: 0 },
  ]);
});

test("a keeper's requests are added, one sweep after another", () => {
  const meter = meterOf("s3-combined");
  meter.storeUsage("s3-combined", told({ lists: 1, deletes: 40 }), 5);
  meter.storeUsage("s3-combined", told({ lists: 1 }), 6);
  expect(meter.usage(9, noBytes).stores).toMatchObject([{ rung: "s3-combined", lists: 2, deletes: 40 }]);
});

test("bytes are kept from the report before the one that tells of them, until now", () => {
  const meter = meterOf("s3-naive");
  const kept = (now: number) => meter.usage(now, noBytes).stores[0]!.keptByteMs;
  meter.started(0, 0, 1000);
  meter.storesTold(0, 0, [{ rung: "s3-naive", ...told({ writtenBytes: 10 }) }], 1500);
  expect(kept(2000)).toBe(10 * 1000);
  meter.storesTold(0, 0, [{ rung: "s3-naive", ...told({ writtenBytes: 30 }) }], 2500);
  expect(kept(3000)).toBe(10 * 2000 + 20 * 1500);
  // Counts that go down are a worker's defect: they cost nothing, and give nothing back.
  meter.storesTold(0, 0, [{ rung: "s3-naive", ...told({ writtenBytes: 0 }) }], 2600);
  expect(kept(3000)).toBe(10 * 2000 + 20 * 1500);
});

test("ways that are no store have no requests", () => {
  const meter = meterOf("direct");
  meter.storesTold(0, 0, [{ rung: "direct", ...told({ puts: 5 }) }], 10);
  expect(meter.usage(20, noBytes).stores).toEqual([]);
});

test("reading the input counts: of each attempt, and of who planned it, each by its totals", () => {
  const meter = meterOf("direct");
  meter.inputPlanned(told({ lists: 2, gets: 3 }), 5);
  meter.inputTold(0, 0, told({ gets: 4, readBytes: 100 }), 10);
  meter.inputTold(0, 0, told({ gets: 6, readBytes: 150 }), 20);
  meter.inputTold(0, 1, told({ gets: 1 }), 30);
  meter.inputPlanned(told({ lists: 2, gets: 3 }), 40);
  expect(meter.usage(50, noBytes).stores).toEqual([
    { rung: "s3-input", ...told({ lists: 2, gets: 10, readBytes: 150 }), keptByteMs: 0 },
  ]);
});

test("a counter that goes on after it was told is told again, not taken back", () => {
  const meter = meterOf("direct");
  const usage = noUsage();
  for (const gets of [1, 5]) {
    usage.gets = gets;
    meter.inputPlanned(usage, gets);
    expect(meter.usage(gets, noBytes).stores).toMatchObject([{ gets }]);
  }
});
