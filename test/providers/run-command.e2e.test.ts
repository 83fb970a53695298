// A job that outgrows one machine, by the built command: on a platform that is deployed first, from here and through an
// orchestrator that stands.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { JobReport } from "@fnmesh/orchestrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "./openfaas/gateway.ts";
import { countedOf, text } from "./support/play-job.ts";

const root = join(import.meta.dirname, "../..");
const main = join(root, "packages/cli/dist/main.mjs");
const job = join(root, "examples/reduce-by-key/job.ts");
const platform = ["--provider", "openfaas"];

let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  gateway = await startGateway(join(root, "packages/providers/dist/container/entry.cjs"));
  folder = await mkdtemp(join(tmpdir(), "fnmesh-run-"));
  await writeFile(join(folder, "text.txt"), text);
  await writeFile(
    join(folder, "fnmesh.config.ts"),
    'export default { openfaas: { image: "registry.example.org/fnmesh:1", memoryMb: 192 } };',
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = () => ({
  ...{ PATH: process.env.PATH, HOME: folder, TMPDIR: folder, NO_COLOR: "1" },
  ...{ OPENFAAS_URL: gateway.url, OPENFAAS_PASSWORD: gateway.password },
});

async function fnmesh(...args: readonly string[]): Promise<Ended> {
  const options = { cwd: folder, env: environment(), timeout: 60_000 };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [main, ...args], options)) };
  } catch (error) {
    return error as Ended;
  }
}

const config = () => join(folder, "fnmesh.config.ts");
const reduce = (...more: readonly string[]) =>
  fnmesh(
    "run",
    job,
    "--config",
    config(),
    "--input",
    "text.txt",
    "--output",
    "counts.tsv",
    "--json",
    ...more,
  );

test("what is not deployed is told with what to do, and workers cannot dial loopback unless it is named", async () => {
  const refused = await reduce(...platform);
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout).error).toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("--advertise"),
  });
  const absent = await reduce(...platform, "--listen", "127.0.0.1");
  expect(absent.code).toBe(3);
  expect(JSON.parse(absent.stdout).error).toMatchObject({
    code: "NOT_DEPLOYED",
    hint: expect.stringContaining("fnmesh deploy"),
  });
});

test("deployed, the same job runs there, with the memory that is deployed", async () => {
  const deployed = await fnmesh("deploy", ...platform, "--config", config());
  expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
  const { code, stdout, stderr } = await reduce(...platform, "--listen", "127.0.0.1");
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as JobReport;
  expect(report.job).toMatchObject({ status: "succeeded", workers: 4, provider: "openfaas" });
  expect(report.cost).toMatchObject({ platform: "aws", comparison: true });
  expect(await readFile(join(folder, "counts.tsv"), "utf8")).toBe(countedOf(text));
  expect(stdout + stderr).not.toContain(gateway.password);
});

test("and through an orchestrator that offers it, with nothing of the platform here", async () => {
  const args = ["serve", ...platform, "--config", config(), "--advertise", "127.0.0.1"];
  const serving = spawn(process.execPath, [main, ...args], { cwd: folder, env: environment() });
  try {
    const url = await new Promise<string>((resolve) => {
      let said = "";
      serving.stderr.on("data", (chunk) => {
        said += chunk;
        const found = /the API is at (http:\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    await rm(join(folder, "counts.tsv"), { force: true });
    const files = ["--input", "text.txt", "--output", "counts.tsv"];
    const { code, stdout, stderr } = await fnmesh(
      ...["run", job, ...platform, "--orchestrator", url, ...files, "--json"],
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).job).toMatchObject({ status: "succeeded", provider: "openfaas" });
    expect(await readFile(join(folder, "counts.tsv"), "utf8")).toBe(countedOf(text));
  } finally {
    serving.kill("SIGTERM");
    await once(serving, "exit");
  }
});
