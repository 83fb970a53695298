// `fnmesh hello` on a platform whose deployment is a map and whose functions are processes of this machine.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { localProvider } from "@fnmesh/providers/local";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HelloReport } from "../hello/hello-report.ts";
import { fakeHost } from "../testing/fake-host.ts";
import { type FakeCloud, type FakeParts, fakeCloud, fakePlatform } from "../testing/fake-platform.ts";
import { deployCommand } from "./deploy.ts";
import { helloCommand, type RawHelloOptions } from "./hello.ts";

let cwd: string;
let cloud: FakeCloud;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-hello-"));
  cloud = fakeCloud();
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const canary = "canary-123456789012";
const environment = { AWS_REGION: "eu-central-1", AWS_SECRET_ACCESS_KEY: canary };
const presets = { provider: "aws", nat: "none", port: "0", observePort: "0", listen: "127.0.0.1" };

async function hello(parts: FakeParts, raw: Partial<RawHelloOptions> = {}) {
  const host = fakeHost({ cwd, environment });
  const given = { platforms: fakePlatform(cloud, parts), version: "1.2.3" };
  const code = await helloCommand({ ...presets, ...raw }, host, given);
  return { code, out: host.out(), err: host.err() };
}

const deployed = () =>
  deployCommand({ provider: "aws" }, fakeHost({ cwd, environment }), fakePlatform(cloud));
const open: FakeParts["open"] = async () => ({ ...localProvider(), name: "aws" });

test("deployed: workers meet, directly and by the relay, and nothing is left", async () => {
  await deployed();
  const { code, out } = await hello({ open }, { json: true });
  expect(code, out).toBe(0);
  const report = JSON.parse(out) as HelloReport;
  expect(report).toMatchObject({ fnmesh: "1.2.3", provider: "aws", stage: "dev", nat: "none", ok: true });
  expect(report.steps.map(({ name, status }) => [name, status])).toEqual(
    ["deployment", "invoke", "punch", "relay", "clean-up"].map((name) => [name, "ok"]),
  );
  expect(report.steps[2]!.detail).toBe("6 of 6 pairs direct; 4 without a NAT");
  expect(report.steps[3]!.detail).toBe("6 of 6 pairs by the relay");
  expect(out).not.toContain("canary");
});

test("not deployed: the rest is not tried", async () => {
  const { code, out } = await hello({ open });
  expect(code).toBe(3);
  expect(out).toMatch(/fail +deployment .*not deployed: fnmesh deploy makes it\n/);
  expect(out).toMatch(/skipped +invoke +not tried\n/);
});

test("what the platform says goes to the person, and its code alone into the report", async () => {
  await deployed();
  const refuses: FakeParts["open"] = async () => {
    throw new FnmeshError("PLATFORM_AUTH", `${canary} may not`, { hint: "Log in." });
  };
  const { code, out, err } = await hello({ open: refuses });
  expect(code).toBe(3);
  expect(out).toMatch(/fail +invoke +PLATFORM_AUTH: no worker could be asked for\n/);
  expect(out).not.toContain("canary");
  expect(err).toContain(`PLATFORM_AUTH: ${canary} may not`);
  cloud.refusal = new FnmeshError("PLATFORM_AUTH", canary);
  const unread = await hello({ open });
  expect(unread.code).toBe(3);
  expect(unread.out).toContain("PLATFORM_AUTH: the platform does not say what is there");
  expect(unread.out).not.toContain("canary");
});

test("workers that do not start are told by their code", async () => {
  await deployed();
  const launch = async () => {
    throw new FnmeshError("INIT_FAILED", `${canary}: no such module`);
  };
  const { code, out } = await hello({ open: async () => ({ ...localProvider(), name: "aws", launch }) });
  expect(code).toBe(3);
  expect(out).toMatch(/fail +invoke .*INIT_FAILED: /);
  expect(out).toMatch(/ok +clean-up/);
  expect(out).not.toContain("canary");
});
