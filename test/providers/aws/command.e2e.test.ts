// Deployments to AWS as a user makes them, by the built command: what docs/providers/aws.md says.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inventoryOf } from "./account.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";

const main = join(import.meta.dirname, "../../../packages/cli/dist/main.mjs");
const resources = 4;

let aws: FakeAws;
let folder: string;
beforeEach(async () => {
  aws = await startFakeAws({ delays: { roleShows: 0, roleAssumable: 0, functionReady: 1 } });
  folder = await mkdtemp(join(tmpdir(), "fnmesh-aws-"));
});
afterEach(async () => {
  await aws[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function fnmesh(
  verb: string,
  more: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
) {
  const args = [main, verb, "--provider", "aws", "--stage", "dev", ...more];
  // Nobody's own ~/.aws, and no metadata service of a machine in a cloud.
  const env = { HOME: folder, AWS_EC2_METADATA_DISABLED: "true", ...aws.environment, ...environment };
  const run = promisify(execFile)(process.execPath, args, { env, cwd: folder });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      ...{ code, stdout, stderr },
    }),
  );
}

test("what AWS needs is shown, made, found again and removed", async () => {
  expect((await fnmesh("diff")).stdout).toContain(`stage dev: ${resources} to create`);
  expect(inventoryOf(aws.account)).toEqual([]);
  expect((await fnmesh("deploy")).stdout).toContain(`${resources} created\n`);
  expect((await fnmesh("diff")).stdout).toContain(`stage dev: ${resources} as it shall be`);
  expect((await fnmesh("status")).stdout).toContain("stage dev: up to date");
  expect((await fnmesh("remove", ["--yes"])).stdout).toContain(`${resources} removed; nothing is left`);
  expect(inventoryOf(aws.account)).toEqual([]);
});

test("wrong credentials are told as such, and no secret with it", async () => {
  const wrong = { AWS_SECRET_ACCESS_KEY: "canary-wrong-secret" };
  const { code, stdout, stderr } = await fnmesh("deploy", [], wrong);
  expect(code).not.toBe(0);
  expect(stderr).toContain("AWS takes these credentials for");
  expect(stdout + stderr).not.toContain("canary");
  expect(aws.mutations()).toBe(0);
});
