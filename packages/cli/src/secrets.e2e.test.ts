// The password of a store, followed through everything that a run shows or leaves: it is on no command line and in no
// worker's environment, in no log, error, report or ledger.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StoreServer, startRedis } from "../../stores/src/testing/servers.ts";
import { type Bench, openBench, type Running, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const canary = "canary-b3f1c6";
const lab = await labAvailability();
let redis: StoreServer;
beforeAll(async () => {
  redis = await startRedis({ password: canary });
});
afterAll(() => redis.stop());

type Place = "the file" | "the environment";

/** The password where a user puts it. */
function benchWith(place: Place, password: string, port: number): Bench {
  const bench = openBench(jobs);
  bench.setVariable("FNMESH_LOG", "debug");
  const url = `redis://:${password}@127.0.0.1:${port}`;
  if (place === "the environment") bench.setVariable("FNMESH_REDIS_URL", url);
  else bench.write("fnmesh.config.json", JSON.stringify({ stores: { redis: { url } } }));
  return bench;
}

/** Each test has a bench of its own, as they wait side by side, and leaves nothing in it. */
async function inBench(bench: Bench, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    await until("the end of every process", () => bench.leftProcesses().length === 0);
    expect(bench.leftFiles()).toEqual([]);
  } finally {
    bench.close();
  }
}

const textOf = (path: string) => (statSync(path).isFile() ? readFileSync(path, "latin1") : "");

const workersOf = (bench: Bench) =>
  bench
    .leftProcesses()
    .filter((line) => line.includes("local/entry.cjs"))
    .map((line) => line.split(":")[0]!);

/** All that anybody can see of these processes. */
const seenOf = (pids: readonly string[]) =>
  pids.map(
    (pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1") + readFileSync(`/proc/${pid}/environ`, "latin1"),
  );

function commandLines(): string {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => (existsSync(`/proc/${pid}/cmdline`) ? readSafely(`/proc/${pid}/cmdline`) : ""))
    .join("\n");
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // It ended in this moment.
  }
}

/** What a run has written for itself while it goes on. */
const temporaryText = (bench: Bench) =>
  readdirSync(bench.temporary, { recursive: true, encoding: "utf8" })
    .map((name) => textOf(join(bench.temporary, name)))
    .join("\n");

const nats = lab.available ? ["none", "restricted"] : ["none"];
const cases = (["the file", "the environment"] as const).flatMap((place) =>
  nats.map((nat) => ({ place, nat })),
);

describe.concurrent.each(cases)("set by $place, NAT $nat", ({ place, nat }) => {
  const options = ["--workers", "2", "--nat", nat, "--channel", "direct,redis"];

  async function whileItRuns(bench: Bench, look: (pids: readonly string[]) => void): Promise<Running> {
    const ready = join(bench.folder, "ready-");
    const running = bench.start("run", "hangs.ts", ...options, "--param", `ready=${ready}`);
    await until("the job's begin", () => [0, 1].every((rank) => existsSync(`${ready}${rank}`)));
    try {
      look(workersOf(bench));
    } catch (error) {
      running.child.kill("SIGKILL");
      throw error;
    }
    return running;
  }

  test("nothing shows it while a job runs, nor after its end", () => {
    const bench = benchWith(place, canary, redis.port);
    return inBench(bench, async () => {
      const running = await whileItRuns(bench, (pids) => {
        expect(pids).toHaveLength(2);
        expect(seenOf(pids).join("\n")).not.toContain(canary);
        expect(commandLines()).not.toContain(canary);
        expect(temporaryText(bench)).not.toContain(canary);
      });
      running.child.kill("SIGINT");
      const { stdout, stderr } = await running.ended;
      expect(stdout + stderr).not.toContain(canary);
      expect(stderr).toContain("debug: ");
    });
  });

  test.each([
    ["a wrong password", canary.toUpperCase(), () => redis.port],
    ["a store that is not there", canary, () => 1],
  ])("%s is told without it", (_, password, port) => {
    const bench = benchWith(place, password, port());
    return inBench(bench, async () => {
      const json = place === "the file" ? [] : ["--json"];
      const ran = await bench.run("run", "greets.ts", ...options, ...json);
      expect(ran.stdout + ran.stderr).not.toContain(password);
      expect(ran.stderr).toContain("a store is left out of the job");
      if (nat !== "none") return;
      const told = await Promise.all(["doctor", "config"].map((command) => bench.run(command)));
      for (const { stdout, stderr } of told) {
        expect(stdout + stderr).not.toContain(password);
        expect(stdout).toContain("redis");
      }
    });
  });
});
