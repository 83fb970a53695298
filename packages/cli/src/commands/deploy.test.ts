// The commands on a deployment, against a platform that is a map: what is shown, asked, done, and told of an end in
// mid-way.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeHostOptions, fakeHost } from "../testing/fake-host.ts";
import { type FakeCloud, fakeCloud, fakePlatform } from "../testing/fake-platform.ts";
import { deployCommand, diffCommand } from "./deploy.ts";
import { removeCommand } from "./remove.ts";
import { statusCommand } from "./status.ts";

let cwd: string;
let cloud: FakeCloud;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-deploy-"));
  cloud = fakeCloud();
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const aws = { provider: "aws" };
const environment = { AWS_REGION: "eu-central-1" };
const host = (options: Partial<FakeHostOptions> = {}) => fakeHost({ cwd, environment, ...options });
const commands = { deploy: deployCommand, diff: diffCommand, remove: removeCommand, status: statusCommand };

async function run(verb: keyof typeof commands, raw: object = {}, options: Partial<FakeHostOptions> = {}) {
  const at = host(options);
  const code = await commands[verb]({ ...aws, ...raw }, at, fakePlatform(cloud)).catch((error) => error);
  return { code, host: at, out: at.out(), err: at.err() };
}

const deployed = async () => {
  await run("deploy");
  cloud.calls.length = 0;
};

describe("deploy", () => {
  test("shows what is missing, makes it in order, and again does nothing", async () => {
    const first = await run("deploy");
    expect(first.code).toBe(0);
    expect(first.out).toBe(
      "A fake cloud, stage dev: 2 to create\n  + role      fnmesh-dev\n  + function  fnmesh-dev\n2 created\n",
    );
    expect(first.err).toMatch(
      /^creating role fnmesh-dev …\ncreated role fnmesh-dev in .*\ncreating function/,
    );
    expect(cloud.calls).toEqual(["create role fnmesh-dev", "create function fnmesh-dev"]);
    const again = await run("deploy");
    expect(again.out).toContain("stage dev: 2 as it shall be\n");
    expect(cloud.calls).toHaveLength(2);
  });

  test("stages stand side by side, and a stage's own settings go before the common ones", async () => {
    writeFileSync(
      join(cwd, "fnmesh.config.json"),
      JSON.stringify({ aws: { memoryMb: 256 }, stages: { prod: { aws: { memoryMb: 512 } } } }),
    );
    await run("deploy", { stage: "prod" });
    await run("deploy");
    expect(Object.fromEntries([...cloud.kept].map(([key, { facts }]) => [key, facts]))).toMatchObject({
      "function fnmesh-prod": { memory: 512 },
      "function fnmesh-dev": { memory: 256 },
    });
  });

  const change = { AWS_REGION: "eu-west-1" };
  test("at a terminal a change is asked for, with its facts", async () => {
    await deployed();
    const no = await run("deploy", {}, { environment: change, keys: "n" });
    expect(no.code).toMatchObject({ code: "CANCELLED", message: "nothing was changed" });
    expect(no.out).toContain("region: eu-central-1 -> eu-west-1");
    expect(cloud.calls).toEqual([]);
    const yes = await run("deploy", {}, { environment: change, keys: "y" });
    expect(yes.code).toBe(0);
    expect(cloud.calls).toEqual(["update role fnmesh-dev"]);
  });

  test("nobody is asked with --yes, without a terminal, or where only something new is made", async () => {
    await run("deploy", {}, { keys: "n" });
    expect(cloud.calls).toHaveLength(2);
    await run("deploy", { yes: true }, { environment: change, keys: "n" });
    await run("deploy");
    expect(cloud.calls.slice(2)).toEqual(["update role fnmesh-dev", "update role fnmesh-dev"]);
  });

  test("a failure in mid-way says how far it came and how to go on; going on does the rest", async () => {
    cloud.onCall = async (call) => {
      if (call.startsWith("create function")) throw new FnmeshError("THROTTLED", "too many requests");
    };
    const { code } = await run("deploy", { stage: "prod" });
    expect(code).toMatchObject({ code: "THROTTLED", message: "too many requests" });
    expect(code.hint).toBe(
      "It ended while creating function fnmesh-prod. Done: created role fnmesh-prod. To go on from there, repeat it: fnmesh deploy --provider aws --stage prod",
    );
    cloud.onCall = async () => {};
    await run("deploy", { stage: "prod" });
    expect(cloud.calls).toEqual(["create role fnmesh-prod", "create function fnmesh-prod"]);
  });

  test("Ctrl-C in mid-way is told the same way", async () => {
    cloud.onCall = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("the request was aborted")));
        process.emit("SIGINT", "SIGINT");
      });
    const { code } = await run("deploy");
    expect(code).toMatchObject({
      code: "CANCELLED",
      message: "interrupted by SIGINT",
      hint: expect.stringContaining("while creating role fnmesh-dev. Before that nothing was changed"),
    });
    expect(process.listenerCount("SIGINT")).toBe(0);
  });

  test("--json is one document, of what was done or of what went wrong", async () => {
    const good = await run("deploy", { json: true });
    expect(good.host.json()).toMatchObject({
      ...{ platform: "aws", stage: "dev", error: null },
      steps: [
        { action: "create", kind: "role" },
        { action: "create", kind: "function" },
      ],
    });
    expect(good.err).toBe("");
    cloud.refusal = new FnmeshError("PLATFORM_AUTH", "no credentials");
    const bad = await run("deploy", { json: true });
    expect(bad.code).toBe(3);
    expect(bad.host.json()).toMatchObject({ steps: [], error: { code: "PLATFORM_AUTH" } });
    expect(bad.err).toBe("fnmesh: PLATFORM_AUTH: no credentials\n");
  });

  test("a name that is somebody else's is left alone", async () => {
    cloud.kept.set("function fnmesh-dev", { facts: {}, ours: false });
    expect((await run("deploy")).code).toMatchObject({ code: "DEPLOY_FAILED" });
    expect(cloud.calls).toEqual([]);
  });
});

test("diff shows what deploy would do, and does nothing", async () => {
  const { out, code } = await run("diff");
  expect([code, out]).toEqual([0, expect.stringContaining("2 to create\n  + role      fnmesh-dev")]);
  expect(cloud.calls).toEqual([]);
  expect((await run("diff", { json: true })).host.json()).toMatchObject({
    steps: [{ action: "create" }, {}],
  });
});

describe("remove", () => {
  beforeEach(deployed);

  test("asks, and removes all in the reverse order", async () => {
    const no = await run("remove", {}, { keys: "n" });
    expect(no.code).toMatchObject({ code: "CANCELLED" });
    expect(cloud.calls).toEqual([]);
    const yes = await run("remove", {}, { keys: "y" });
    expect(yes.out).toContain("2 resources to remove\n  - function  fnmesh-dev\n  - role      fnmesh-dev\n");
    expect(yes.out).toContain("2 removed; nothing is left\n");
    expect(cloud.calls).toEqual(["remove function fnmesh-dev", "remove role fnmesh-dev"]);
    expect((await run("remove", { yes: true })).out).toBe("A fake cloud, stage dev: nothing is there\n");
  });

  test("where nobody can be asked it takes --yes", async () => {
    for (const raw of [{}, { json: true }]) {
      const { code, host: at } = await run("remove", raw);
      const error = "json" in raw ? at.json().error : code;
      expect(error).toMatchObject({ code: "USAGE", hint: expect.stringContaining("--stage dev --yes") });
    }
    expect(cloud.calls).toEqual([]);
    expect((await run("remove", { yes: true, json: true })).host.json()).toMatchObject({
      steps: [{ action: "remove", kind: "function" }, { kind: "role" }],
    });
    expect(cloud.kept.size).toBe(0);
  });

  test("what is somebody else's stays", async () => {
    cloud.kept.set("role fnmesh-dev", { facts: {}, ours: false });
    await run("remove", { yes: true });
    expect([...cloud.kept.keys()]).toEqual(["role fnmesh-dev"]);
  });
});

describe("status", () => {
  const state = async (options = {}) => (await run("status", { json: true }, options)).host.json().state;

  test("tells whether all is there and as it should be", async () => {
    expect(await state()).toBe("absent");
    await deployed();
    expect(await state()).toBe("current");
    expect(await state({ environment: { AWS_REGION: "eu-west-1" } })).toBe("outdated");
    cloud.kept.set("role fnmesh-dev", { facts: {}, ours: false });
    expect(await state()).toBe("blocked");
    expect(cloud.calls).toEqual([]);
  });

  test("lists what is there, the limits and the network", async () => {
    await deployed();
    const { out } = await run("status");
    expect(out).toContain("A fake cloud, stage dev: up to date\n");
    expect(out).toMatch(/^role +fnmesh-dev +region: eu-central-1$/m);
    expect(out).toContain("limits   128 to 1024 MB of memory, 60 s, 1000 at one time");
    expect(out).toContain("network  functions get through to each other, because it is on one machine");
  });
});

test.each<[object, string, RegExp]>([
  [{ provider: "asw" }, "UNKNOWN_PROVIDER", /Did you mean "aws"\?/],
  [{ provider: "local" }, "USAGE", /Name one: fnmesh diff --provider/],
  [{ provider: undefined }, "USAGE", /Name one/],
  [{ provider: "" }, "USAGE", /unset/],
  [{ stage: "No Such" }, "INVALID_ARGUMENT", /--stage prod/],
])("%j is refused with advice", async (raw, code, hint) => {
  const { code: error } = await run("diff", raw);
  expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) });
});
