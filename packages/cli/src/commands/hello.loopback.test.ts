// `fnmesh hello` on a platform whose deployment is a map and whose functions are processes of this machine.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { nodeEnv, type Provider, silentLog } from "@fnmesh/core/internal";
import { createOrchestrator } from "@fnmesh/orchestrator";
import { type Api, createApi } from "@fnmesh/orchestrator/api";
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
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  rmSync(cwd, { recursive: true, force: true });
});

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

const token = "canary-token-of-many-letters";

/** An orchestrator with an API, whose provider of the name `aws` starts processes. */
async function elsewhere(provider: Partial<Provider> = {}): Promise<string> {
  return (await openElsewhere(provider)).url;
}

async function openElsewhere(provider: Partial<Provider>): Promise<Api> {
  const providers = [{ ...localProvider(), name: "aws", ...provider }];
  const orchestrator = await createOrchestrator({
    ...{ env: nodeEnv(), providers, listen: { host: "127.0.0.1", port: 0 } },
  });
  opened.push(() => orchestrator.close());
  const api = await createApi({ orchestrator, log: silentLog, host: "127.0.0.1", port: 0, token });
  opened.push(() => api.close());
  return api;
}

async function helloThere(
  url: string,
  { token: given = token, ...raw }: Partial<RawHelloOptions> & { token?: string } = {},
) {
  const host = fakeHost({ cwd, environment: { ...environment, FNMESH_TOKEN: given } });
  const { listen: _, ...rest } = presets;
  const parts = { platforms: fakePlatform(cloud), version: "1.2.3" };
  const asked = { ...rest, orchestrator: url, ...raw };
  const code = await helloCommand(asked, host, parts);
  return { code, out: host.out(), err: host.err(), environment: host.environment };
}

test("on an orchestrator elsewhere: the same, but for what is deployed, and nothing tells where it is", async () => {
  const url = await elsewhere({
    network: { punching: "works", inbound: false, sharedAddress: false, because: "a test says so" },
  });
  const { code, out, err, environment } = await helloThere(url.replace("127.0.0.1", "localhost"), {
    json: true,
  });
  expect(code, err).toBe(0);
  const report = JSON.parse(out) as HelloReport;
  expect(report).toMatchObject({ provider: "aws", orchestrator: "elsewhere", ok: true });
  expect(report.network).toContain("a test says so");
  expect(report.stage).toBeUndefined();
  expect(report.steps.map(({ name, status }) => [name, status])).toEqual(
    ["invoke", "punch", "relay", "clean-up"].map((name) => [name, "ok"]),
  );
  expect(out).not.toMatch(/canary|localhost|127\.0/);
  expect(environment.FNMESH_TOKEN).toBeUndefined();
});

test("what an orchestrator elsewhere refuses is told by its code", async () => {
  const url = await elsewhere({
    launch: async () => {
      throw new FnmeshError("INIT_FAILED", `${canary}: no such module`);
    },
  });
  const host = new URL(url).host;
  const [wrong, unknown, broken] = await Promise.all([
    helloThere(url, { token: "another-token-of-many-letters" }),
    helloThere(url, { provider: "azure" }),
    helloThere(url),
  ]);
  expect(wrong.out).toMatch(/^.*\naws, an orchestrator elsewhere\n/);
  expect(wrong.out).toMatch(/fail +invoke +AUTH: no worker could be asked for\nskipped +punch /);
  expect(wrong.code).toBe(3);
  expect(wrong.err).toContain("hint: Set FNMESH_TOKEN");
  expect(unknown.out).toMatch(/fail +invoke +UNKNOWN_PROVIDER: /);
  expect(unknown.code).toBe(2);
  expect(broken.out).toMatch(/fail +invoke .*INIT_FAILED: /);
  for (const { out } of [wrong, unknown, broken]) {
    expect(out).toMatch(/ok +clean-up/);
    expect(out).not.toContain(host);
    expect(out).not.toContain("canary");
  }
});

test("one that takes no second job is told with what the first has shown", async () => {
  const local = localProvider();
  let api: Api | undefined;
  const launch: Provider["launch"] = async (request) => {
    api?.drain();
    return await local.launch(request);
  };
  api = await openElsewhere({ ...local, name: "aws", launch });
  const { code, out, err } = await helloThere(api.url);
  expect(code).toBe(3);
  expect(out).toMatch(/ok +punch .*\n/);
  expect(out).toMatch(/fail +relay +ORCHESTRATOR_UNAVAILABLE: it came to no end\n/);
  expect(err).toContain("takes no more jobs");
  await local.close();
});

test("what only an orchestrator of its own has is refused", async () => {
  await expect(helloThere("http://127.0.0.1:1", { nat: "symmetric" })).rejects.toMatchObject({
    code: "USAGE",
  });
});
