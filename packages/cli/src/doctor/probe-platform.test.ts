// What is told of a platform: what is missing here, whether it answers, what is deployed, and how functions will talk.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { deploy } from "@fnmesh/providers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeCloud, type FakeParts, fakeCloud, fakePlatform } from "../testing/fake-platform.ts";
import { canRun, checkLines } from "./check.ts";
import { findCommand, findForProviders, findPackage } from "./find-needs.ts";
import { type Finders, probePlatform } from "./probe-platform.ts";

let cloud: FakeCloud;
beforeEach(() => {
  cloud = fakeCloud();
});

const environment = { AWS_REGION: "eu-central-1", AWS_SECRET_ACCESS_KEY: "canary" };
const everything: Finders = { findPackage: () => "/there", findCommand: () => "/bin/there" };
const nothing: Finders = { findPackage: () => undefined, findCommand: () => undefined };

interface Asked extends FakeParts {
  readonly finders?: Finders;
  readonly environment?: Readonly<Record<string, string>>;
}

async function probe({ finders = everything, environment: at = environment, ...parts }: Asked = {}) {
  const platform = await fakePlatform(cloud, parts).aws!();
  const checks = await probePlatform(platform, { stage: "dev", sections: {}, stores: {} }, at, finders);
  expect(JSON.stringify(checks)).not.toContain("canary");
  return checks;
}

const deployed = async () => {
  const platform = await fakePlatform(cloud).aws!();
  const settings = platform.settings(undefined, { stage: "dev", environment });
  const resources = await platform.resources(settings, {} as never);
  await deploy(resources, { signal: AbortSignal.timeout(5_000) });
};

const needs = {
  packages: ["@aws-sdk/client-lambda"],
  tools: [{ command: "kubectl", install: "Install kubectl: https://kubernetes.io" }],
};

test("what is missing is named with how to get it, and the platform is not asked", async () => {
  cloud.refusal = new FnmeshError("INTERNAL", "it was asked");
  const checks = await probe({ needs, finders: nothing });
  expect(checks).toMatchObject([
    { name: "package", status: "fail", fix: "npm install @aws-sdk/client-lambda" },
    { name: "command", status: "fail", fix: "Install kubectl: https://kubernetes.io" },
    { name: "network", status: "ok" },
  ]);
  expect(canRun(checks)).toBe(false);
});

test("a stage that is not deployed, is, or is no more what it should be", async () => {
  const answer = async (at = environment) => (await probe({ needs, environment: at }))[2];
  expect(await answer()).toMatchObject({
    status: "fail",
    detail: expect.stringMatching(/^A fake cloud answered in .*: the stage dev is not deployed$/),
    fix: "fnmesh deploy --provider aws --stage dev",
  });
  await deployed();
  expect(await answer()).toMatchObject({ name: "platform", status: "ok" });
  expect(await answer()).not.toHaveProperty("fix");
  expect(await answer({ ...environment, AWS_REGION: "eu-west-1" })).toMatchObject({ status: "warn" });
  cloud.kept.set("role fnmesh-dev", { facts: {}, ours: false });
  expect(await answer()).toMatchObject({
    ...{ status: "fail", fix: "Choose another --stage." },
    detail: expect.stringContaining("there is a role fnmesh-dev already"),
  });
});

test("credentials that are refused, and settings that are not right, keep their code and their hint", async () => {
  cloud.refusal = new FnmeshError("PLATFORM_AUTH", "no credentials\nin many lines", { hint: "Log in." });
  expect(await probe()).toMatchObject([
    { name: "platform", status: "fail", detail: "PLATFORM_AUTH: no credentials", fix: "Log in." },
    { name: "network" },
  ]);
  expect(await probe({ environment: {} })).toMatchObject([
    { status: "fail", detail: "INVALID_ARGUMENT: aws.region is not set", fix: "Set AWS_REGION." },
    { name: "network" },
  ]);
});

test.each([
  ["works", "auto is direct, relay: functions get through to each other, because it is so"],
  [
    "fails",
    "auto is relay: functions do not get through to each other: auto begins with the relay, because it is so",
  ],
  ["unknown", "auto is direct, relay: functions try to get through to each other, because it is so"],
] as const)("a network whose punching %s is no fault, and it is said why", async (punching, detail) => {
  const checks = await probe({ network: { punching, because: "it is so" } });
  expect(checks.at(-1)).toEqual({ name: "network", status: "ok", detail });
});

test("the verdict says where", () => {
  const text = (where?: string) =>
    checkLines([{ name: "a", status: "ok", detail: "" }], where).at(-1)![0]!.text;
  expect([text(), text("on AWS Lambda")]).toEqual([
    "Jobs can run here, and all else that fnmesh has.",
    "Jobs can run on AWS Lambda, and all else that fnmesh has.",
  ]);
});

describe("what is installed", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fnmesh-needs-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a package is found as Node finds it: upwards from who imports it", () => {
    mkdirSync(join(folder, "node_modules/@scope/sdk"), { recursive: true });
    writeFileSync(join(folder, "node_modules/@scope/sdk/package.json"), "{}");
    const importer = join(folder, "a/b/c.js");
    expect(findPackage("@scope/sdk", importer)).toContain("node_modules/@scope/sdk");
    expect(findPackage("@scope/other", importer)).toBeUndefined();
    expect(findForProviders("@fnmesh/core")).toBeDefined();
    expect(findForProviders("@fnmesh/no-such-package")).toBeUndefined();
  });

  test("a command is found on the path, if it may be executed", () => {
    const PATH = ["", join(folder, "absent"), folder].join(delimiter);
    writeFileSync(join(folder, "tool"), "");
    chmodSync(join(folder, "tool"), 0o644);
    expect(findCommand("tool", { PATH })).toBeUndefined();
    chmodSync(join(folder, "tool"), 0o755);
    expect(findCommand("tool", { PATH })).toBe(join(folder, "tool"));
    expect(findCommand("tool", {})).toBeUndefined();
  });
});
