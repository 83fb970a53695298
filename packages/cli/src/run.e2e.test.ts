// Every way in which `fnmesh run` can end, from the outside: exit code, the one document, and nothing left behind.

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { JobReport } from "@fnmesh/orchestrator";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const bench = openBench(jobs);
afterAll(() => bench.close());
afterEach(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

const report = (stdout: string) => JSON.parse(stdout) as JobReport;

test("a job that succeeds: 0, a whole report, the output, and silence beside", async () => {
  bench.write("texts/a.txt", "one\ntwo\n");
  bench.write("texts/b.txt", "three\n");
  const options = [
    "--workers",
    "3",
    "--input",
    "texts/*.txt",
    "--output",
    "out.txt",
    "--param",
    "top=2",
    "--json",
  ];
  const { code, stdout, stderr } = await bench.run("run", "greets.ts", ...options);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(report(stdout)).toMatchObject({
    job: {
      name: "greets",
      status: "succeeded",
      workers: 3,
      provider: "local",
      nat: "none",
      channel: "auto",
      encrypted: true,
    },
    pairs: { direct: 3, relay: 0 },
    stages: [{ name: "greet", tasks: 3, retries: 0 }],
    error: null,
    result: { size: 3, params: { top: "2" } },
  });
  expect(readFileSync(join(bench.folder, "out.txt"), "utf8")).toBe("one\ntwo\nthree\n");
});

test("for a person: the report on stdout, progress and what workers say on stderr", async () => {
  const { code, stdout, stderr } = await bench.run(
    "run",
    "talks.ts",
    "--workers",
    "1",
    "--channel",
    "relay",
    "--no-encrypt",
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^✔ talks succeeded in /);
  expect(stdout).toContain("line 49\n");
  expect(stdout).toContain("… and 4,950 more");
  expect(stdout).toContain("1 worker on local, no NAT, channel relay, not encrypted");
  for (const line of ["launching 1 worker", "[0] info: logged", "[0] printed", "[0] complained"]) {
    expect(stderr.split("\n")).toContain(line);
  }
});

test.each<[string, string[], string, number, string | RegExp, RegExp]>([
  ["a missing file", ["absent.ts"], "JOB_NOT_FOUND", 2, "there is no job at absent.ts", /Looked for/],
  [
    "a syntax error",
    ["syntax.ts"],
    "JOB_COMPILE",
    2,
    /syntax\.ts:2:16: .*\n {2}2 \| const broken = ;/,
    /Correct/,
  ],
  ["no default export", ["named.ts"], "JOB_INVALID", 2, /it exports run/, /export default defineJob/],
  ["a default export that is no job", ["number.ts"], "JOB_INVALID", 2, /a number, not a job/, /defineJob/],
  ["0 workers", ["greets.ts", "--workers", "0"], "LIMIT", 2, /1 to 1000 workers/, /from 1 to 1000/],
  ["100000 workers", ["greets.ts", "--workers", "100000"], "LIMIT", 2, /1 to 1000 workers/, /from 1 to 1000/],
  [
    "an unknown profile",
    ["greets.ts", "--nat", "symetric"],
    "UNKNOWN_NAT_PROFILE",
    2,
    /symetric/,
    /"symmetric"/,
  ],
  ["an unknown provider", ["greets.ts", "--provider", "lamda"], "UNKNOWN_PROVIDER", 2, /lamda/, /local/],
  ["an unknown option", ["greets.ts", "--worker", "3"], "USAGE", 2, /--worker/, /--workers/],
  ["an unquoted glob", ["greets.ts", "--input", "a.txt", "b.txt"], "USAGE", 2, /b\.txt/, /quote it/],
  ["no input", ["greets.ts", "--input", "absent*.txt"], "INPUT_NOT_FOUND", 2, /absent\*\.txt/, /./],
  [
    "no folder for the output",
    ["greets.ts", "--output", "no/out"],
    "OUTPUT_UNWRITABLE",
    2,
    /no\/out/,
    /mkdir/,
  ],
  ["a job that throws", ["throws.ts"], "JOB_THREW", 1, "boom", /./],
  ["a job that hangs", ["hangs.ts", "--timeout", "2"], "WORKER_TIMEOUT", 1, /2 s/, /--timeout/],
  [
    "a job that spins",
    ["spins.ts", "--timeout", "2", "--workers", "1"],
    "WORKER_TIMEOUT",
    1,
    /2 s/,
    /--timeout/,
  ],
  ["a worker killed by SIGKILL", ["killed.ts"], "WORKER_LOST", 1, /./, /./],
  ["a full heap", ["hoards.ts", "--memory", "128"], "OUT_OF_MEMORY", 1, /128 MB/, /--memory/],
  [
    "memory beside the heap",
    ["hoards-bytes.ts", "--memory", "128"],
    "OUT_OF_MEMORY",
    1,
    /128 MB/,
    /--memory/,
  ],
])("%s: the code, what to do, and one document", async (_, args, code, exitCode, message, hint) => {
  const ended = await bench.run("run", ...args, "--json");
  const { job, error, ...rest } = report(ended.stdout);
  expect(error).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
  expect(ended.code).toBe(exitCode);
  expect(job.status).toBe("failed");
  expect(Object.keys(rest)).toEqual([
    "timing",
    "pairs",
    "paths",
    "mappings",
    "bytes",
    "stages",
    "cost",
    "emitted",
    "result",
  ]);
  expect(ended.stderr).toMatch(new RegExp(`^fnmesh: ${code}.*\n$`));
  // 5 s is the promise; on a loaded machine, a process's start alone can take long.
  expect(ended.wallMs).toBeLessThan(20_000);
});

test("an error for a person has the line, the mark and the hint on stderr", async () => {
  const { code, stdout, stderr } = await bench.run("run", "syntax.ts");
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("JOB_COMPILE: syntax.ts does not compile\n");
  expect(stderr).toContain("  2 | const broken = ;\n    |                ^\n");
  expect(stderr).toContain("hint: Correct the line");
});

test("a job that throws shows the person's own line", async () => {
  const { code, stdout } = await bench.run("run", "throws.ts", "--workers", "2");
  expect(code).toBe(1);
  expect(stdout).toContain("JOB_THREW on rank 1: boom");
  expect(stdout).toMatch(/at .*throws\.ts:2:\d+/);
});

test("a port in use: 3, and which", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stdout } = await bench.run("run", "greets.ts", "--port", String(port), "--json");
  server.close();
  expect(code).toBe(3);
  expect(report(stdout).error).toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(String(port)),
  });
});

test("a failed job leaves no output and an old one untouched", async () => {
  bench.write("old.txt", "old");
  const { code } = await bench.run("run", "throws.ts", "--output", "old.txt", "--json");
  expect(code).toBe(1);
  expect(readFileSync(join(bench.folder, "old.txt"), "utf8")).toBe("old");
});
