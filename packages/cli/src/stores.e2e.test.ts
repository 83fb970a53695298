// Jobs over a real Redis, from outside: the result, and what is in the store and on the machine after every kind of end.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { askRedis, keysOf } from "../../stores/src/testing/redis-client.ts";
import { type StoreServer, startRedis } from "../../stores/src/testing/servers.ts";
import { openBench, type Running, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const lab = await labAvailability();
const nats = ["none", ...(lab.available ? ["restricted"] : [])];
const bench = openBench(jobs);
let redis: StoreServer;

beforeAll(async () => {
  redis = await startRedis({ password: "of the e2e" });
  bench.setVariable("FNMESH_REDIS_URL", redis.url);
});
afterAll(async () => {
  bench.close();
  await redis.stop();
});
afterEach(async () => {
  await until("the end of every process", () => bench.leftProcesses().length === 0);
  expect(await keysOf(redis.url, "*")).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

const overRedis = (nat: string) => ["--workers", "3", "--channel", "redis", "--nat", nat];

async function hanging(nat: string): Promise<Running> {
  const ready = join(bench.folder, `ready-${performance.now()}-`);
  const running = bench.start("run", "hangs.ts", ...overRedis(nat), "--param", `ready=${ready}`);
  await until("the job's begin", () => [0, 1, 2].every((rank) => existsSync(`${ready}${rank}`)));
  return running;
}

const leases = () => keysOf(redis.url, "*:lease");
const ledgers = () => bench.leftFiles().filter((name) => name.startsWith("fnmesh-stores-"));

describe.each(nats)("NAT %s", (nat) => {
  test("a job over Redis alone, whose server is on the machine's loopback", async () => {
    const { code, stdout, stderr } = await bench.run("run", "greets.ts", ...overRedis(nat), "--json");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      job: { status: "succeeded", nat, channel: "redis" },
      pairs: { direct: 0, relay: 0, redis: 3 },
      result: { size: 3 },
    });
  });

  test("a job that fails, and one that is interrupted, leave nothing", async () => {
    const failed = await bench.run("run", "throws.ts", ...overRedis(nat), "--json");
    expect(JSON.parse(failed.stdout).error).toMatchObject({ code: "JOB_THREW", rank: 1 });
    const running = await hanging(nat);
    expect(await leases()).toHaveLength(1);
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
  });

  test("what SIGKILL leaves in the store goes at the next start", async () => {
    const { child, ended } = await hanging(nat);
    child.kill("SIGKILL");
    await ended;
    await until("the end of every process", () => bench.leftProcesses().length === 0);
    expect(await leases()).toHaveLength(1);
    expect(ledgers()).toHaveLength(1);
    // A start that has nothing to do with the store leaves it alone.
    expect((await bench.run("run", "greets.ts", "--channel", "direct")).code).toBe(0);
    expect(await leases()).toHaveLength(1);
    const { code } = await bench.run("run", "greets.ts", ...overRedis("none"));
    expect(code).toBe(0);
  });
});

test("a start leaves the jobs of living orchestrators alone", async () => {
  const { child, ended } = await hanging("none");
  const [lease] = await leases();
  expect((await bench.run("run", "greets.ts", ...overRedis("none"))).code).toBe(0);
  expect(await leases()).toEqual([lease]);
  expect(ledgers()).toHaveLength(1);
  child.kill("SIGINT");
  await ended;
});

test("what a lease has outlived goes, wherever its orchestrator was", async () => {
  await askRedis(redis.url, "SET", "fnmesh:{faraway}:lease", Date.now() - 1_000);
  await askRedis(redis.url, "SET", "fnmesh:{faraway}:inbox:0:0", "left");
  expect((await bench.run("run", "greets.ts", ...overRedis("none"))).code).toBe(0);
});

test("serve sweeps too", async () => {
  await askRedis(redis.url, "SET", "fnmesh:{faraway}:lease", Date.now() - 1_000);
  const { child, ended } = bench.start("serve");
  let left = 1;
  const look = setInterval(() => void leases().then((found) => (left = found.length)), 50);
  await until("the sweep", () => left === 0).finally(() => clearInterval(look));
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});

test("a store that does not answer: the only way fails, a ladder goes on and says so", async () => {
  bench.setVariable("FNMESH_REDIS_URL", "redis://127.0.0.1:1");
  try {
    const only = await bench.run("run", "greets.ts", ...overRedis("none"), "--json");
    expect(JSON.parse(only.stdout).error).toMatchObject({ code: "STORE_UNAVAILABLE" });
    const ladder = await bench.run("run", "greets.ts", "--channel", "direct,redis");
    expect(ladder.code).toBe(0);
    expect(ladder.stderr).toContain("warning: a store is left out of the job");
  } finally {
    bench.setVariable("FNMESH_REDIS_URL", redis.url);
  }
});

test("the ledger names the job and the place, and nothing else", async () => {
  const { child, ended } = await hanging("none");
  const folder = join(bench.temporary, ledgers()[0]!);
  const [job] = readdirSync(folder).filter((name) => name !== "alive");
  const content = JSON.parse(readFileSync(join(folder, job!), "utf8"));
  expect(content).toEqual({ places: [`redis://127.0.0.1:${redis.port}`], until: expect.any(Number) });
  child.kill("SIGINT");
  await ended;
});
