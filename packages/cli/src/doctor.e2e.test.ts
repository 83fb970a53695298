// `fnmesh doctor`, and what the command says of itself.

import { readFileSync } from "node:fs";
import { afterAll, afterEach, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";

const bench = openBench({});
afterAll(() => bench.close());
afterEach(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

test("doctor finds that jobs can run here, in words and as a document", async () => {
  const words = await bench.run("doctor");
  expect(words.stdout).toContain("Jobs can run here");
  expect(words.code).toBe(0);
  const { code, stdout, stderr } = await bench.run("doctor", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
  expect(ok).toBe(true);
  const names = [
    "Node",
    "platform",
    "memory",
    "open files",
    "ports",
    "esbuild",
    "a job",
    "NAT lab",
    "settings",
  ];
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await bench.run("--version")).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("without a command: the help on stderr, and bad usage", async () => {
  const { code, stdout, stderr } = await bench.run();
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("Usage: fnmesh");
});

test("a wrong word after --json is a document too", async () => {
  const { code, stdout } = await bench.run("doctor", "--json", "--jsn");
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "USAGE", hint: expect.stringContaining("--json") });
});
