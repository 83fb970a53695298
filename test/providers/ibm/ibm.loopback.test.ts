// Code Engine: its API, and applications that are the real container entry behind an address that anybody can reach.

import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, diff, type PlatformSession, platforms } from "@fnmesh/providers";
import { describe, expect, test } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { startFront } from "../support/front.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { startInstance } from "../support/instance.ts";
import { launchRequest, secret } from "../support/launch.ts";
import { projectId, startCodeEngine } from "./code-engine.ts";

const key = "canary-canary-canary-canary";
const { signal } = new AbortController();
const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});

async function open(change: Record<string, string> = {}) {
  const engine = await startCodeEngine();
  const ibm = await platforms.ibm!();
  const environment = { IBMCLOUD_API_KEY: engine.apiKey, FNMESH_FUNCTION_KEY: key, ...change };
  const place = { projectId, api: `${engine.url}/v2`, iam: engine.url, image: "icr.io/us/function" };
  const settings = (section: object = {}) =>
    ibm.settings({ ...place, ...section }, { stage: "test", environment });
  const resources = (section?: object) => ibm.resources(settings(section), session(environment));
  return { engine, ibm, environment, settings, resources };
}

/** What the application was deployed with is what its instances have. */
async function deployed() {
  const bundle = await functionBundle("container");
  const opened = await open();
  await deploy(await opened.resources(), { signal });
  const { body } = opened.engine.apps.get("fnmesh-test")!;
  const variables = body.run_env_variables as { name: string; value: string }[];
  const environment = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  const front = await startFront({
    start: () =>
      startInstance({
        args: () => [bundle.path],
        environment: (port) => ({ ...environment, PORT: String(port) }),
      }),
    headers: ["x-fnmesh-caller"],
  });
  opened.engine.endpoint = front.url;
  return {
    ...opened,
    front,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await opened.engine[Symbol.asyncDispose]();
      await bundle[Symbol.asyncDispose]();
    },
  };
}

providerContract("Code Engine", {
  async start() {
    const there = await deployed();
    const provider = await there.ibm.open(there.settings(), session(there.environment));
    return {
      provider,
      faults: there.front.faults,
      async [Symbol.asyncDispose]() {
        expect(there.engine.seen.join()).not.toContain("canary");
        await there[Symbol.asyncDispose]();
      },
    };
  },
});

deploymentContract("Code Engine", async () => {
  const { engine, resources } = await open();
  return {
    resources: (change) => resources(change === undefined ? {} : { memoryMb: 4_000, maxInstances: 7 }),
    mutations: () => engine.mutations,
    interrupt(call, when) {
      engine.interruption = { call, when };
    },
    inventory: () => [...engine.apps.keys()],
    squat() {
      engine.apps.set("fnmesh-test", { body: { image_reference: "theirs" }, tag: 1, looks: 0 });
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
});

describe("Code Engine", () => {
  test("lets nobody call who has not the key: the address is public", async () => {
    await using there = await deployed();
    const other = { ...there.environment, FNMESH_FUNCTION_KEY: "another-canary-another-canary" };
    const provider = await there.ibm.open(there.settings(), session(other));
    const { exit } = await provider.launch(launchRequest());
    expect(await exit).toMatchObject({ kind: "crashed", error: { code: "PLATFORM_AUTH" } });
    expect(JSON.stringify(await exit)).not.toMatch(`canary|${secret}`);
  });

  test.each([
    ["no API key", { IBMCLOUD_API_KEY: "" }, "PLATFORM_AUTH"],
    ["an API key that is refused", { IBMCLOUD_API_KEY: "canary-wrong" }, "PLATFORM_AUTH"],
    ["no key for callers", { FNMESH_FUNCTION_KEY: "" }, "INVALID_ARGUMENT"],
  ])("says what is wrong with %s, and shows none", async (_, change, code) => {
    const { engine, resources } = await open(change);
    await using _engine = engine;
    const failed = (async () => diff(await resources(), signal))();
    await expect(failed).rejects.toMatchObject({ code, message: expect.not.stringContaining("canary") });
  });

  test("has not every size of memory", async () => {
    const { engine, settings } = await open();
    await using _engine = engine;
    expect(() => settings({ memoryMb: 600 })).toThrow("ibm.memoryMb is no size that Code Engine has");
  });

  test("that is not deployed says so", async () => {
    const { engine, ibm, settings, environment } = await open();
    await using _engine = engine;
    const provider = await ibm.open(settings(), session(environment));
    const { exit } = await provider.launch(launchRequest());
    expect(await exit).toMatchObject({ kind: "crashed", error: { code: "NOT_DEPLOYED" } });
  });
});
