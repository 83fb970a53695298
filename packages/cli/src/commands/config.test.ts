// `fnmesh config` with platforms: their settings, each with where it is from.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakeHost } from "../testing/fake-host.ts";
import { fakeCloud, fakePlatform } from "../testing/fake-platform.ts";
import { configCommand } from "./config.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const environment = { AWS_REGION: "eu-central-1", FNMESH_TOKEN: "canary" };
async function config(raw: object, parts = {}) {
  const host = fakeHost({ cwd, environment });
  await configCommand({ json: true, ...raw }, host, fakePlatform(fakeCloud(), parts));
  return host;
}

test("a platform that is chosen, or has a section, is shown with its settings and where they are from", async () => {
  writeFileSync(
    join(cwd, "fnmesh.config.json"),
    JSON.stringify({ aws: { memoryMb: 512 }, stages: { prod: { aws: { memoryMb: 1024 } } } }),
  );
  const settings = async (raw: object) => {
    const { settings } = (await config(raw)).json() as { settings: { name: string }[] };
    return settings.filter(({ name }) => name.startsWith("aws."));
  };
  const file = join(cwd, "fnmesh.config.json");
  expect(await settings({ stage: "prod" })).toEqual([
    { name: "aws.region", value: "eu-central-1", from: { kind: "environment", variable: "AWS_REGION" } },
    { name: "aws.memoryMb", value: "1024", from: { kind: "file", file, stage: "prod" } },
    { name: "aws.function", value: "fnmesh-prod", from: { kind: "default" } },
  ]);
  expect(await settings({ provider: "aws" })).toMatchObject([
    {},
    { value: "512", from: { kind: "file" } },
    {},
  ]);
  const text = (await config({ json: false, provider: "aws", stage: "prod" })).out();
  expect(text).toMatch(/^aws\.memoryMb +1024 +the file, stages\.prod$/m);
  expect(text).toMatch(/^provider +aws +--provider$/m);
  expect(text).not.toContain("canary");
});

test("auto is what it is on the platform", async () => {
  expect((await config({ provider: "aws" }, { network: { punching: "fails" } })).json().auto).toEqual([
    "relay",
  ]);
  expect((await config({})).json().auto).toEqual(["direct", "relay"]);
});

test("a provider that there is not, and a section that is wrong, are refused", async () => {
  await expect(config({ provider: "gogle" })).rejects.toMatchObject({ code: "UNKNOWN_PROVIDER" });
  writeFileSync(join(cwd, "fnmesh.config.json"), JSON.stringify({ aws: { speed: 3 } }));
  await expect(config({})).rejects.toMatchObject({ message: "aws.speed is no setting" });
});
