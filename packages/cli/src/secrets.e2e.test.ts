// The password of a store, followed through everything that a run shows or leaves: it is on no command line and in no
// worker's environment, in no log, error, report or ledger.

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type StoreServer, startRedis } from "../../stores/src/testing/servers.ts";
import { openBench, type Running, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const canary = "canary-b3f1c6";
const lab = await labAvailability();
let redis: StoreServer;
beforeAll(async () => {
  redis = await startRedis({ password: canary });
});
afterAll(() => redis.stop());

const inFile = openBench(jobs);
const benches = { "the file": inFile, "the environment": openBench(jobs) };
for (const bench of Object.values(benches)) bench.setVariable("FNMESH_LOG", "debug");
type Bench = typeof inFile;
afterAll(() => {
  for (const bench of Object.values(benches)) bench.close();
});
afterEach(async () => {
  for (const bench of Object.values(benches)) {
    await until("the end of every process", () => bench.leftProcesses().length === 0);
    expect(bench.leftFiles()).toEqual([]);
  }
});

/** The password where a user puts it. */
function set(bench: Bench, password: string, port = redis.port): void {
  const url = `redis://:${password}@127.0.0.1:${port}`;
  if (bench === inFile) bench.write("fnmesh.config.json", JSON.stringify({ stores: { redis: { url } } }));
  else bench.setVariable("FNMESH_REDIS_URL", url);
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

const cases = Object.entries(benches).flatMap(([where, bench]) => [
  { where, bench, nat: "none" },
  ...(lab.available ? [{ where, bench, nat: "restricted" }] : []),
]);

describe.each(cases)("set by $where, NAT $nat", ({ bench, nat }) => {
  const options = ["--workers", "2", "--nat", nat, "--channel", "direct,redis"];

  async function whileItRuns(look: (pids: readonly string[]) => void): Promise<Running> {
    const ready = join(bench.folder, "ready-");
    const running = bench.start("run", "hangs.ts", ...options, "--param", `ready=${ready}`);
    await until("the job's begin", () => [0, 1].every((rank) => existsSync(`${ready}${rank}`)));
    try {
      look(workersOf(bench));
    } catch (error) {
      running.child.kill("SIGKILL");
      throw error;
    }
    for (const rank of [0, 1]) rmSync(`${ready}${rank}`);
    return running;
  }

  test("nothing shows it while a job runs, nor after its end", async () => {
    set(bench, canary);
    const running = await whileItRuns((pids) => {
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

  const troubles = [
    ["a wrong password", canary.toUpperCase(), () => redis.port],
    // It takes seconds to be believed, and is the same behind every NAT.
    ...(nat === "none" ? [["a store that is not there", canary, () => 1] as const] : []),
  ] as const;

  test.each(troubles)("%s is told without it", async (_, password, port) => {
    set(bench, password, port());
    const json = bench === inFile ? [] : ["--json"];
    const ran = await bench.run("run", "greets.ts", ...options, ...json);
    expect(ran.stdout + ran.stderr).not.toContain(password);
    expect(ran.stderr).toContain("a store is left out of the job");
    if (nat !== "none") return;
    for (const command of ["doctor", "config"]) {
      const { stdout, stderr } = await bench.run(command);
      expect(stdout + stderr).not.toContain(password);
      expect(stdout).toContain("redis");
    }
  });
});
