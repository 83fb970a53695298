// What crashed orchestrators leave behind, and what nobody may touch: ledgers of real processes in a real directory.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog } from "@fnmesh/core/internal";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { bootId } from "../boot-id.ts";
import { openStoreLedger, type StoreLedger } from "./store-ledger.ts";

let folder: string;
let holder: string;
let parent: string;
const open: StoreLedger[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fnmesh-ledgers-"));
  holder = join(folder, "holder.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./testing/fixture-holder.ts", import.meta.url))],
    outfile: holder,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  parent = mkdtempSync(join(folder, "parent-"));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  await Promise.all(open.splice(0).map((ledger) => ledger.close()));
});

function ledger(of = parent): StoreLedger {
  const opened = openStoreLedger(of, silentLog);
  open.push(opened);
  return opened;
}
const entry = (job: string) => ({ job, places: ["redis://h:6379/0"], until: 1_000 });

async function holds(job: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [holder, parent, job], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout!, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

const orphansOf = async (of: StoreLedger) => (await of.orphans()).map(({ job }) => job).sort();

test("a clean end leaves nothing; what was never there can be removed, and close be called twice", async () => {
  const one = ledger();
  one.remove("absent");
  await one.add(entry("a"));
  expect(readdirSync(parent)).toHaveLength(1);
  expect(statSync(join(parent, readdirSync(parent)[0]!)).mode & 0o77).toBe(0);
  one.remove("absent");
  one.remove("a");
  await one.close();
  await one.close();
  expect(readdirSync(parent)).toEqual([]);
});

test("a job of a killed process is an orphan until it is settled, and then nothing of it is left", async () => {
  const child = await holds("job1");
  const other = ledger();
  expect(await orphansOf(other)).toEqual([]);
  await kill(child);
  const [orphan, ...more] = await other.orphans();
  expect(more).toEqual([]);
  expect(orphan).toMatchObject(entry("job1"));
  expect(await orphansOf(other)).toEqual(["job1"]);
  await orphan!.settle();
  expect(await orphansOf(other)).toEqual([]);
  expect(readdirSync(parent)).toEqual([]);
});

test("jobs of the living, of this process and of others, are left alone", async () => {
  await holds("job1");
  const mine = ledger();
  await mine.add(entry("job2"));
  const dead = await holds("job3");
  await kill(dead);
  expect(await orphansOf(mine)).toEqual(["job3"]);
  expect(readdirSync(parent)).toHaveLength(3);
});

test("what could not be swept stays written down after a clean end, and is an orphan a moment later", async () => {
  const one = ledger();
  await one.add(entry("a"));
  await one.close();
  const [name] = readdirSync(parent);
  expect(await orphansOf(ledger())).toEqual([]);
  utimesSync(join(parent, name!), 0, 0);
  expect(await orphansOf(ledger())).toEqual(["a"]);
});

test("foreign things under such names are nobody's orphans: another boot's, files, and half a file names no place", async () => {
  const boot = await bootId();
  mkdirSync(join(parent, "fnmesh-stores-00000bad-abcdef"));
  writeFileSync(join(parent, "fnmesh-stores-00000bad-abcdef", "job1"), "{}");
  writeFileSync(join(parent, `fnmesh-stores-${boot}-abcdef`), "a file");
  const old = join(parent, `fnmesh-stores-${boot}-ghijkl`);
  mkdirSync(old);
  writeFileSync(join(old, "job2"), '{"places":["red');
  writeFileSync(join(old, "..odd name"), "{}");
  utimesSync(old, 0, 0);
  const found = await ledger().orphans();
  expect(found.map(({ job, places, until }) => ({ job, places, until }))).toEqual([
    { job: "job2", places: [], until: 0 },
  ]);
});

test("where it cannot be written, adding is refused and closing goes on", async () => {
  const nowhere = ledger(join(parent, "absent"));
  await expect(nowhere.add(entry("a"))).rejects.toThrow("ENOENT");
  nowhere.remove("a");
  expect(await orphansOf(nowhere)).toEqual([]);
  await nowhere.close();
});
