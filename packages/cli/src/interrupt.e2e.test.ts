// Commands that are stopped from outside: by Ctrl-C, by SIGTERM, by SIGKILL, by a reader that has read enough.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const bench = openBench(jobs);
afterAll(() => bench.close());
afterEach(async () => {
  await until("the end of every process", () => bench.leftProcesses().length === 0);
  expect(bench.leftFiles()).toEqual([]);
});

let runs = 0;

/** Starts a job that hangs, and resolves when all of its workers have begun. */
async function hanging(...options: string[]) {
  const ready = join(bench.folder, `ready-${runs++}-`);
  const running = bench.start("run", "hangs.ts", "--workers", "2", "--param", `ready=${ready}`, ...options);
  await until("the job's begin", () => [0, 1].every((rank) => existsSync(`${ready}${rank}`)));
  return running;
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s cancels the job: 130 and a report",
  async (signal) => {
    const { child, ended } = await hanging("--json", "--output", "out.txt");
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ job: { status: "cancelled" }, error: { code: "CANCELLED" } });
    expect(existsSync(join(bench.folder, "out.txt"))).toBe(false);
  },
);

test("an interrupt while nothing runs yet is a cancelled run too", async () => {
  const running = bench.start("run", "greets.ts", "--workers", "200");
  await until("the launch", () => running.stderr().includes("launching"));
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
});

test("SIGKILL of the command takes its workers along", async () => {
  const { child, ended } = await hanging();
  child.kill("SIGKILL");
  expect((await ended).signal).toBe("SIGKILL");
});

test("a reader that closes stdout early is no error", async () => {
  const { child, ended } = bench.start("run", "talks.ts", "--workers", "1");
  child.stdout?.destroy();
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain("EPIPE");
});

test("a reader that closes stderr early is no error", async () => {
  const { child, ended } = bench.start("run", "talks.ts", "--workers", "1");
  child.stderr?.destroy();
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(stdout).toContain("talks succeeded");
});
