// Each scenario once, as small as it goes: that it runs to its end and keeps the shape of its report. No figure is
// judged here: a test's machine has other things to do.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { labAvailability } from "@fnmesh/netlab";
import { afterEach, beforeEach, expect, test } from "vitest";
import { meshKinds } from "./lib/mesh-figures.ts";
import type { Report } from "./lib/scenario.ts";

const script = fileURLToPath(new URL("../scripts/bench.mjs", import.meta.url));
const lab = await labAvailability();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-bench-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function bench(...args: string[]): Promise<{ readonly report: Report; readonly table: string }> {
  const json = join(folder, "report.json");
  const command = [script, ...args, "--repetitions", "1", "--json", json];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 100_000 });
  return { report: JSON.parse(await readFile(json, "utf8")), table: stdout };
}

const isRatio = (value: number) => Number.isFinite(value) && value > 0;

test("pair has a ratio for every size, direction and rival", async () => {
  const { report, table } = await bench("pair");
  expect(report).toMatchObject({ scenario: "pair", environment: { node: process.versions.node } });
  const keys = ["throughputToRaw", "roundTripToRaw"].flatMap((what) =>
    ["Tls", "Tcp"].flatMap((rival) => ["64B", "64KiB", "1MiB"].map((size) => `${what}${rival}.${size}`)),
  );
  expect(Object.keys(report.ratios).sort()).toEqual(keys.sort());
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
  expect(table).toContain("throughputToRawTls.1MiB");
});

test.skipIf(!lab.available)("mesh has every pair direct, of fnmesh and of its rival", async () => {
  const { report } = await bench("mesh", "--workers", "4");
  expect(report.rows).toHaveLength(meshKinds.length);
  for (const { workers, pairs, direct, reasons } of report.rows) {
    expect({ workers, pairs, direct, reasons }).toEqual({ workers: 4, pairs: 6, direct: 6 });
  }
  for (const phase of ["introduce", "dial", "handshake", "probe"]) {
    expect(report.rows[0]).toMatchObject({
      [phase]: { p50Ms: expect.any(Number), p99Ms: expect.any(Number) },
    });
  }
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
});

test("start compares a worker's join with a bare process's hello", async () => {
  const { report } = await bench("start");
  expect(Object.keys(report.ratios)).toEqual(["startToBareNode"]);
  expect(isRatio(report.ratios.startToBareNode!)).toBe(true);
});

const shuffle = ["reduce-by-key", "--workers", "4", "--channels", "direct,relay", "--bytes", "1MB"];

/** What has to be so of every reduce-by-key report. */
function expectShuffles(report: Report, channels: readonly string[], dilated = false): void {
  expect(report.rows.map(({ channel }) => channel)).toEqual(channels);
  for (const row of report.rows) {
    const parts = ["launchMs", "connectMs", "computeMs", "communicateMs", "endMs"].map((name) =>
      Number(row[name]),
    );
    expect(parts.every((ms) => ms >= 0)).toBe(true);
    expect(parts.reduce((sum, ms) => sum + ms, 0) / Number(row.totalMs)).toBeCloseTo(1, 1);
    expect(row).toMatchObject({ workers: 4, megabytes: expect.closeTo(1, 1) });
  }
  // What a server's processor did counts twice over where time is dilated: see the README.
  const measures = ["timeOver", "costOver", ...(dilated ? ["timeOverInFull"] : [])];
  const keys = measures.flatMap((what) => channels.slice(1).map((channel) => `${what}.${channel}`));
  expect(Object.keys(report.ratios)).toEqual(keys);
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
}

test("reduce-by-key compares channels, and what was measured is not measured again", async () => {
  const { report } = await bench(...shuffle, "--keys", "text", "--rounds", "2");
  expectShuffles(report, ["direct", "relay"]);
  const again = await bench(...shuffle, "--keys", "text", "--rounds", "2", "--resume");
  expect(again.report.rows).toEqual(report.rows);
  await expect(bench(...shuffle, "--keys", "zipf", "--resume")).rejects.toMatchObject({
    stderr: expect.stringContaining("another shape"),
  });
});

test.skipIf(!lab.available)(
  "reduce-by-key in an emulated cloud counts dilated time, and all pairs as asked",
  async () => {
    const { report } = await bench(...shuffle, "--setting", "cloud", "--dilation", "20");
    expectShuffles(report, ["direct", "relay"], true);
    const { samples } = report.details as { samples: { pairs: Record<string, number>; splits: object }[] };
    expect(samples.map(({ pairs }) => [pairs.direct, pairs.relay])).toEqual([
      [6, 0],
      [0, 6],
    ]);
    // A quarter of a megabyte over a worker's link of 680 Mbit/s: a third of it may pass in the bucket's burst.
    expect(Number(report.rows[0]!.communicateMs)).toBeGreaterThan(1.5);
  },
);

test("pair over channels has a ratio for each, size and direction", async () => {
  const { report } = await bench("pair", "--channel", "direct,relay");
  expect(report.rows).toHaveLength(6);
  expect(Object.keys(report.ratios)).toHaveLength(6);
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
});

test("collectives has every collective of every size, right results, and what was sent", async () => {
  const { report } = await bench("collectives", "--setting", "local", "--workers", "3");
  expect(report.rows).toHaveLength(28);
  for (const row of report.rows) {
    expect(Number(row.sentBytes)).toBeGreaterThanOrEqual(Number(row.leastBytes));
    expect(Number(row.processorMs)).toBeGreaterThan(0);
  }
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
  expect(Object.keys(report.ratios)).toContain("naiveToFnmesh.allReduce.4MiB");
});

test("dataset has each way of fnmesh beside each rival, and all count the same words", async () => {
  const { report } = await bench("dataset", "--bytes", "1MB");
  expect(report.rows.map(({ kind, workers }) => [kind, workers])).toEqual([
    ...[1, 2].flatMap((workers) => ["hand", "words", "flatMap"].map((kind) => [kind, workers])),
    ["one thread", 1],
    ["piscina", 2],
  ]);
  expect(Object.keys(report.ratios)).toContain("speedToHand.words");
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
});

test("rows has each shape in each format", async () => {
  const { report } = await bench("rows");
  expect(report.rows).toHaveLength(16);
  expect(Object.keys(report.ratios)).toHaveLength(24);
  expect(Object.values(report.ratios).every(isRatio)).toBe(true);
});

test("wrong usage ends with 2 and says what is right", async () => {
  await expect(bench("nosuch")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("pair, mesh, start, reduce-by-key"),
  });
  await expect(bench("collectives", "--setting", "local", "--dilation", "2")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--dilation goes with --setting cloud"),
  });
});
