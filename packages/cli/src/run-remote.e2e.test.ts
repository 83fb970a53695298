// `fnmesh run --orchestrator`: the same command, with the job on an orchestrator that stands elsewhere.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBench, type Running, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const token = "canary-token-of-many-letters";
const bench = openBench({
  ...jobs,
  ...{ token: `${token}\n`, wrong: "another-token-of-many-letters\n", "a.txt": "alpha\n", "b.txt": "beta\n" },
});
let serving: Running;
let url: string;
beforeAll(async () => {
  serving = bench.start("serve", "--token-file", "token");
  const told = /the API is at (http:\S+)/;
  await until("the API's address", () => told.test(serving.stderr()));
  url = told.exec(serving.stderr())![1]!;
});
afterAll(async () => {
  serving.child.kill("SIGTERM");
  await serving.ended;
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
  bench.close();
});

const there = () => ["--orchestrator", url, "--token-file", "token"];
const outputOf = (name: string) => join(bench.folder, name);

test("the job runs there, and its report and output are as if it had run here", async () => {
  const files = ["--input", "*.txt", "--output", "out", "--param", "top=20"];
  const { code, stdout, stderr } = await bench.run("run", "greets.ts", ...there(), ...files, "--json");
  expect(code, stderr).toBe(0);
  const { job, pairs, stages, result } = JSON.parse(stdout);
  expect(job).toMatchObject({ name: "greets", status: "succeeded", workers: 4, provider: "local" });
  expect(pairs.direct).toBe(4);
  expect(stages).toMatchObject([{ name: "greet", tasks: 4 }]);
  expect(result).toEqual({ size: 4, params: { top: "20" } });
  expect(readFileSync(outputOf("out"), "utf8")).toBe("alpha\nbeta\n");
  expect(stdout + stderr).not.toContain("canary");
});

test("a failure there is told as one here, and leaves no output", async () => {
  const { code, stdout } = await bench.run("run", "throws.ts", ...there(), "--output", "none", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "JOB_THREW", rank: 1 });
  expect(existsSync(outputOf("none"))).toBe(false);
});

test("Ctrl-C ends the job there", async () => {
  const running = bench.start(
    "run",
    "hangs.ts",
    ...there(),
    "--param",
    `ready=${outputOf("ready")}`,
    "--json",
  );
  await until("every worker", () => [0, 1, 2, 3].every((rank) => existsSync(outputOf(`ready${rank}`))));
  running.child.kill("SIGINT");
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(JSON.parse(stdout).job.status).toBe("cancelled");
  const headers = { authorization: `Bearer ${token}` };
  const { jobs: all } = (await (await fetch(`${url}/jobs`, { headers })).json()) as {
    jobs: { status: string }[];
  };
  expect(all.filter(({ status }) => status === "running" || status === "launching")).toEqual([]);
});

test("what is not right is told before anything runs, by code and with a hint", async () => {
  const refused = async (...args: string[]) => {
    const { code, stdout } = await bench.run("run", "greets.ts", ...args, "--json");
    return { exit: code, ...JSON.parse(stdout).error };
  };
  const [wrong, gone, unknown, nat] = await Promise.all([
    refused("--orchestrator", url, "--token-file", "wrong"),
    refused("--orchestrator", "http://127.0.0.1:1"),
    refused(...there(), "--provider", "aws"),
    refused(...there(), "--nat", "symmetric"),
  ]);
  expect(wrong).toMatchObject({ exit: 3, code: "AUTH", hint: expect.stringContaining("FNMESH_TOKEN") });
  expect(gone).toMatchObject({ exit: 3, code: "ORCHESTRATOR_UNAVAILABLE", hint: expect.any(String) });
  expect(unknown).toMatchObject({ exit: 2, code: "UNKNOWN_PROVIDER", hint: "Use one of: local." });
  expect(nat).toMatchObject({ exit: 2, code: "USAGE", hint: expect.stringContaining("--orchestrator") });
});

test("an orchestrator that ends in mid-job: the code, and no output", async () => {
  const own = bench.start("serve");
  const told = /the API is at (http:\S+)/;
  await until("the API's address", () => told.test(own.stderr()));
  const at = told.exec(own.stderr())![1]!;
  const ready = outputOf("gone");
  const args = ["hangs.ts", "--orchestrator", at, "--param", `ready=${ready}`, "--output", "cut", "--json"];
  const running = bench.start("run", ...args);
  await until("every worker", () => [0, 1, 2, 3].every((rank) => existsSync(`${ready}${rank}`)));
  let isOver = false;
  const over = own.ended.then(() => {
    isOver = true;
  });
  // The second interrupt ends it; one that comes too soon after the first counts as the same.
  await until("its end", () => isOver || !own.child.kill("SIGINT"));
  await over;
  const { code, stdout } = await running.ended;
  const { job, error } = JSON.parse(stdout);
  // What it says last may be the end of the job, or nothing.
  expect([130, 3]).toContain(code);
  expect(error.code).toBe(job.status === "cancelled" ? "CANCELLED" : "ORCHESTRATOR_UNAVAILABLE");
  expect(existsSync(outputOf("cut"))).toBe(false);
});
