// A new project, made by `fnmesh init` and used as its README says; but for `npm install`, in whose place this
// checkout's packages are linked.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { JobReport } from "@fnmesh/orchestrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";

const modules = resolve(import.meta.dirname, "../../../node_modules");
const bench = openBench({});
const project = join(bench.folder, "Word Count");
const execute = promisify(execFile);

/** As `npm install` would, without asking a registry. */
function link(name: string): void {
  const at = join(project, "node_modules", name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(modules, name), at);
}

const npm = (...args: string[]) =>
  execute("npm", args, {
    cwd: project,
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: "1", TSX_DISABLE_CACHE: "1", NODE_TEST_CONTEXT: undefined },
  });

beforeAll(async () => {
  const { code, stdout, stderr } = await bench.run("init", "Word Count");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("  cd 'Word Count'\n  npm install\n  npm test\n  npm start\n");
  const { name, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(project, "package.json"), "utf8"),
  );
  expect(name).toBe("word-count");
  for (const each of Object.keys({ ...dependencies, ...devDependencies })) link(each);
  for (const command of ["fnmesh", "tsc"]) link(`.bin/${command}`);
});
afterAll(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
  bench.close();
});

test("its tests pass on Node's own runner", async () => {
  const { stdout } = await npm("test");
  expect(stdout).toMatch(/(#|ℹ) pass 4\n/);
  expect(stdout).toMatch(/(#|ℹ) fail 0\n/);
});

test("its types are right, and its settings are held to the platforms' own", async () => {
  const wrong = `import { defineConfig } from "fnmesh";
export default defineConfig({
  aws: {
    region: "eu-central-1",
    // @ts-expect-error: no such field
    memory: 1024,
  },
  // @ts-expect-error: a number
  stages: { prod: { google: { maxInstances: "8" } } },
});
`;
  bench.write("Word Count/other.config.ts", wrong);
  await npm("run", "types");
  rmSync(join(project, "other.config.ts"));
});

test("its settings are in force", async () => {
  const { stdout } = await npm("exec", "--", "fnmesh", "config", "--json");
  const { settings } = JSON.parse(stdout) as { settings: { name: string; from: { kind: string } }[] };
  expect(settings.find(({ name }) => name === "provider")?.from.kind).toBe("file");
});

test("its job runs", async () => {
  const { stdout } = await npm("start", "--silent", "--", "--json", "--param", "top=1");
  const { job, result } = JSON.parse(stdout) as JobReport;
  expect(job).toMatchObject({ status: "succeeded", workers: 4 });
  const text = ["meadow", "harbour"]
    .map((name) => readFileSync(join(project, "texts", `${name}.txt`), "utf8"))
    .join("");
  expect(result).toMatchObject({ total: text.match(/[a-z]/gi)!.length, top: [{ letter: "e" }] });
});

test("a second one in its place is refused, and nothing is overwritten", async () => {
  bench.write("Word Count/README.md", "mine");
  const { code, stderr } = await bench.run("init", "Word Count", "--yes");
  expect(code).toBe(2);
  expect(stderr).toContain("USAGE");
  expect(stderr).toContain("README.md");
  expect(readFileSync(join(project, "README.md"), "utf8")).toBe("mine");
});

test("a name that cannot be is bad usage", async () => {
  const { code, stderr } = await bench.run("init", "other", "--name", "Big Name");
  expect(code).toBe(2);
  expect(stderr).toContain("--name Big Name: a package's name has small letters");
  expect(existsSync(join(bench.folder, "other"))).toBe(false);
});
