// `fnmesh run --nat`: the command starts itself again in a sandbox, and nothing of it may show or stay.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const lab = await labAvailability();
const bench = openBench(jobs);
const mountsBefore = readFileSync("/proc/mounts", "utf8");
afterAll(() => bench.close());
afterEach(async () => {
  await until("the end of every process", () => bench.leftProcesses().length === 0);
  expect(bench.leftFiles()).toEqual([]);
  expect(readFileSync("/proc/mounts", "utf8")).toBe(mountsBefore);
});

test.skipIf(!lab.available)(
  "behind NATs: one document, one exit code, the output where it belongs",
  async () => {
    bench.write("in.txt", "one\ntwo\n");
    const options = [
      "--nat",
      "restricted",
      "--workers",
      "3",
      "--input",
      "in.txt",
      "--output",
      "out.txt",
      "--json",
    ];
    const { code, stdout, stderr } = await bench.run("run", "greets.ts", ...options);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      job: { status: "succeeded", nat: "restricted" },
      pairs: { direct: 3, relay: 0 },
    });
    expect(code).toBe(0);
    expect(readFileSync(join(bench.folder, "out.txt"), "utf8")).toBe("one\ntwo\n");
  },
);

test.skipIf(!lab.available)("a job that fails in there fails out here, with the same code", async () => {
  const { code, stdout } = await bench.run(
    "run",
    "throws.ts",
    "--nat",
    "symmetric",
    "--workers",
    "2",
    "--json",
  );
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "JOB_THREW", rank: 1 });
});

test.skipIf(!lab.available)("more workers than a lab takes are refused before one is made", async () => {
  const { code, stdout } = await bench.run(
    "run",
    "greets.ts",
    "--nat",
    "open",
    "--workers",
    "1000",
    "--json",
  );
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: "LIMIT",
    hint: expect.stringContaining("--nat none"),
  });
});

async function hanging() {
  const ready = join(bench.folder, `ready-${performance.now()}-`);
  const options = ["--nat", "shared", "--workers", "2", "--param", `ready=${ready}`, "--json"];
  const running = bench.start("run", "hangs.ts", ...options);
  await until("the job's begin", () => [0, 1].every((rank) => existsSync(`${ready}${rank}`)));
  return running;
}

test.skipIf(!lab.available).each(["SIGINT", "SIGTERM"] as const)(
  "%s cancels: 130 and a report",
  async (signal) => {
    const { child, ended } = await hanging();
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ job: { status: "cancelled" }, error: { code: "CANCELLED" } });
  },
);

test.skipIf(!lab.available)("SIGKILL of the command takes the whole lab along", async () => {
  const { child, ended } = await hanging();
  child.kill("SIGKILL");
  expect((await ended).signal).toBe("SIGKILL");
});

// A user namespace may forbid what is made below it: inside this one, nobody can make network namespaces.
const withoutLabs = 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"';

test.skipIf(!lab.available)("where no lab can be made: LAB_UNAVAILABLE, 3, and what to do", async () => {
  const prefix = ["unshare", "--user", "--map-root-user", "sh", "-c", withoutLabs, "sh"];
  const { code, stdout } = await bench.runBehind(prefix, "run", "greets.ts", "--nat", "open", "--json");
  expect(code).toBe(3);
  const { job, error } = JSON.parse(stdout);
  expect(job).toMatchObject({ status: "failed", nat: "open" });
  expect(error).toMatchObject({
    code: "LAB_UNAVAILABLE",
    hint: expect.stringContaining("max_net_namespaces"),
  });
  const doctor = await bench.runBehind(prefix, "doctor");
  expect(doctor.stdout).toMatch(/^warn {2}NAT lab/m);
  expect(doctor.code).toBe(0);
});
