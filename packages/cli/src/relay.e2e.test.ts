// Relays as processes of their own: `fnmesh run --relays`, and `fnmesh relay` beside `fnmesh serve`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import type { JobReport } from "@fnmesh/orchestrator";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench, type Running, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const token = "a-relay-token-of-many-letters";
const lab = await labAvailability();
const bench = openBench({ ...jobs, token: `${token}\n`, "other-token": "another-one-of-many-letters\n" });
afterAll(() => bench.close());
afterEach(async () => {
  await until("the end of every process", () => bench.leftProcesses().length === 0);
  expect(bench.leftFiles()).toEqual([]);
});

const relayPids = (): number[] =>
  bench
    .leftProcesses()
    .filter((line) => / relay \S+:\d+ /.test(line))
    .map((line) => Number.parseInt(line, 10));

/** A job in the midst of its messages. */
async function chattering(...options: string[]) {
  const name = join(bench.folder, `chat-${performance.now()}`);
  const params = ["--param", `until=${name}-until`, "--param", `begun=${name}-begun-`];
  const running = bench.start("run", "chatters.ts", "--workers", "4", ...params, ...options, "--json");
  const begun = (rank: number) => {
    try {
      readFileSync(`${name}-begun-${rank}`);
      return true;
    } catch {
      return running.child.exitCode !== null;
    }
  };
  await until("the third round", () => [0, 1, 2, 3].every(begun));
  /** The job comes to its end, having exchanged more. */
  const finish = async (): Promise<JobReport> => {
    writeFileSync(`${name}-until`, "");
    const { code, stdout, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as JobReport;
  };
  return { running, finish };
}

const all = ["--channel", "relay", "--relays", "2"];

test("a run's relays carry its pairs, and end with it", async () => {
  const { finish } = await chattering(...all);
  expect(relayPids()).toHaveLength(2);
  const report = await finish();
  expect(report.pairs).toMatchObject({ direct: 0, relay: 6 });
  expect(report.bytes.relay).toBeGreaterThan(12 * 3 * 40_000);
  expect(report.paths.map(({ ranks, path, reason }) => [ranks, path, reason])).toEqual(
    [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ].map((ranks) => [ranks, "relay", "channel is relay"]),
  );
});

test("a relay that is killed in mid-job takes no job with it: its pairs go on over the other one", async () => {
  const { finish } = await chattering(...all);
  const [first] = relayPids();
  process.kill(first!, "SIGKILL");
  const { job, paths } = await finish();
  expect(job.status).toBe("succeeded");
  const reasons = new Set(paths.map(({ reason }) => reason));
  expect([...reasons].sort()[0]).toBe("channel is relay");
  expect([...reasons].sort()[1]).toMatch(/^channel is relay; relay: /);
});

test("when all of them are killed the orchestrator relays itself", async () => {
  const { finish } = await chattering(...all);
  for (const pid of relayPids()) process.kill(pid, "SIGKILL");
  const { paths } = await finish();
  expect(paths).toEqual(
    paths.map((pair) => ({ ...pair, path: "relay", reason: expect.stringContaining("; relay: ") })),
  );
});

test("a run that is killed takes its relays along", async () => {
  const { running } = await chattering(...all);
  running.child.kill("SIGKILL");
  await running.ended;
  await until("the end of the relays", () => relayPids().length === 0);
});

test("an interrupted run ends its relays, and reports", async () => {
  const { running } = await chattering(...all);
  running.child.kill("SIGINT");
  const { code, stdout } = await running.ended;
  expect([code, JSON.parse(stdout).job.status]).toEqual([130, "cancelled"]);
  expect(relayPids()).toEqual([]);
});

test.skipIf(!lab.available)("behind NATs that cannot be punched, workers reach the relays too", async () => {
  const { finish } = await chattering("--nat", "symmetric", "--relays", "2");
  const [first] = relayPids();
  process.kill(first!, "SIGKILL");
  expect(await finish()).toMatchObject({ job: { status: "succeeded" }, pairs: { direct: 0, relay: 6 } });
});

async function serving(): Promise<{ running: Running; address: string }> {
  const running = bench.start("serve", "--relay-token-file", "token");
  const dial = /workers dial (\S+:\d+),/;
  await until("the orchestrator's address", () => dial.test(running.stderr()));
  return { running, address: dial.exec(running.stderr())![1]! };
}

test("a relay registers with an orchestrator, and leaves it at SIGTERM with 0", async () => {
  const { running, address } = await serving();
  const relay = bench.start("relay", address, "--token-file", "token");
  await until("the relay", () => running.stderr().includes("a relay is there"));
  expect(readFileSync(`/proc/${relay.child.pid}/cmdline`, "utf8")).not.toContain(token);
  relay.child.kill("SIGTERM");
  const { code, stdout, stderr } = await relay.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^relay [a-z0-9]{12} takes workers at 127\.0\.0\.1:\d+\n$/);
  await until("the relay's leaving", () => running.stderr().includes("a relay has gone"));
  running.child.kill("SIGTERM");
  const served = await running.ended;
  expect(served.code).toBe(0);
  expect(stderr + served.stderr).not.toContain(token);
});

test("a relay with a token that is not the orchestrator's ends with advice", async () => {
  const { running, address } = await serving();
  const { code, stderr } = await bench.run("relay", address, "--token-file", "other-token");
  expect(code).toBe(3);
  expect(stderr).toMatch(/AUTH: /);
  expect(stderr).toContain("hint: Give both the same token");
  expect(stderr).not.toContain("another-one");
  running.child.kill("SIGTERM");
  await running.ended;
});

test.each([
  [["relay", "127.0.0.1:7420"], "FNMESH_RELAY_TOKEN"],
  [["relay", "127.0.0.1", "--token-file", "token"], "Give host and port"],
  [["relay", "127.0.0.1:70000", "--token-file", "token"], "from 1 to 65535"],
  [["relay", "127.0.0.1:7420", "--token-file", "absent"], "Name a file"],
  [["run", "greets.ts", "--channel", "direct", "--relays", "2"], "--channel direct,relay"],
])("%j is bad usage, with advice", async (args, hint) => {
  const { code, stderr } = await bench.run(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(hint);
});
