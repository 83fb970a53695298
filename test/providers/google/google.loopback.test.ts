// Google: its functions-framework serves what was deployed, behind a front that wants an identity token, as Cloud Run
// does; functions are deployed by a stand-in for gcloud.

import { createRequire } from "node:module";
import { join } from "node:path";
import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, diff, type PlatformSession, platforms } from "@fnmesh/providers";
import { describe, expect, test } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { type FakeTool, installTool, toolPlane } from "../support/fake-tool.ts";
import { startFront } from "../support/front.ts";
import { startInstance } from "../support/instance.ts";
import { launchRequest, secret } from "../support/launch.ts";
import { type CloudPlane, emptyPlane, type StoredFunction } from "./cloud-plane.ts";

const framework = createRequire(import.meta.url).resolve("@google-cloud/functions-framework");
const main = join(framework, "../main.js");

const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});

async function open() {
  const tool = await installTool<CloudPlane>("gcloud", "google/gcloud.ts", emptyPlane);
  const google = await platforms.google!();
  // No metadata server answers there.
  const environment = { ...tool.environment, GCE_METADATA_HOST: "127.0.0.1:1" };
  const settings = (section: object = {}) =>
    google.settings({ project: "fnmesh-tests", ...section }, { stage: "test", environment });
  const resources = (section?: object) => google.resources(settings(section), session(environment));
  return { tool, google, environment, settings, resources };
}

/** Cloud Run: an instance for each request, by the framework, and nobody in without a token that Google has signed. */
const cloudRun = (tool: FakeTool<CloudPlane>) =>
  startFront({
    start: () =>
      startInstance({
        args: (port) => [main, "--target=fnmesh", `--port=${port}`],
        environment: () => ({ NODE_ENV: "production" }),
        cwd: join(tool.folder, "source"),
      }),
    check({ headers, socket }) {
      const { signature } = tool.plane();
      const [, claims, signed] = (headers.authorization ?? "").replace("Bearer ", "").split(".");
      if (signed !== signature) return { status: 403, text: "<h1>Error: Forbidden</h1>" };
      const { exp, aud } = JSON.parse(Buffer.from(claims!, "base64url").toString()) as {
        exp: number;
        aud: string;
      };
      const own = `http://127.0.0.1:${socket.localPort}`;
      const isGood = exp * 1000 > Date.now() && (aud === "gcloud" || aud === own);
      return isGood ? undefined : { status: 401, text: "<h1>Error: Unauthorized</h1>" };
    },
    throttled: { status: 429, text: "Rate exceeded." },
    lost: { status: 503, text: "upstream connect error or disconnect/reset before headers" },
  });

const { signal } = new AbortController();

async function deployed() {
  const opened = await open();
  const front = await cloudRun(opened.tool);
  opened.tool.setPlane((plane) => ({ ...plane, uri: front.url }));
  await deploy(await opened.resources(), { signal });
  return {
    ...opened,
    front,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await opened.tool[Symbol.asyncDispose]();
    },
  };
}

providerContract("Google", {
  path: "relay",
  async start() {
    const there = await deployed();
    const provider = await there.google.open(there.settings(), session(there.environment));
    return {
      provider,
      faults: there.front.faults,
      async [Symbol.asyncDispose]() {
        // One token for all workers of all jobs, and none of it where others could see it.
        const calls = there.tool.state.calls();
        expect(calls.filter(([group]) => group === "auth")).toHaveLength(2);
        expect(JSON.stringify(calls)).not.toContain(there.tool.plane().signature);
        await there[Symbol.asyncDispose]();
      },
    };
  },
});

deploymentContract("Google", async () => {
  const { tool, resources } = await open();
  const key = "projects/fnmesh-tests/locations/us-central1/functions/fnmesh-test";
  return toolPlane(tool, {
    resources: (change) =>
      resources(change === undefined ? {} : { memoryMb: 1024, maxInstances: 7, minInstances: 1 }),
    inventory: () => Object.keys(tool.plane().functions),
    squat: () =>
      tool.setPlane((plane) => {
        const theirs = { state: "ACTIVE", looks: 0, labels: {}, url: "", buildConfig: {}, serviceConfig: {} };
        return { ...plane, functions: { [key]: { ...theirs, state: "ACTIVE" } } };
      }),
  });
});

describe("Google", () => {
  const failing = async (environment: Record<string, string>, plane: Partial<CloudPlane> = {}) => {
    const { tool, google, settings, environment: usual } = await open();
    await using _ = tool;
    tool.setPlane((before) => ({ ...before, ...plane }));
    const there = { ...usual, ...environment };
    const provider = await google.open(settings(), session(there));
    const { exit } = await provider.launch(launchRequest());
    const plan = diff(await google.resources(settings(), session(there)), signal);
    const planned = await plan.catch((error: unknown) => error);
    return { exit: await exit, planned, calls: tool.state.calls() };
  };

  test("says that gcloud has to be installed, and how", async () => {
    const { exit, planned } = await failing({ PATH: "/nowhere" });
    const hint = expect.stringContaining("cloud.google.com/sdk/docs/install");
    expect(planned).toMatchObject({ code: "PROVIDER_UNAVAILABLE", hint });
    expect(exit).toMatchObject({ kind: "crashed", error: { code: "PROVIDER_UNAVAILABLE", hint } });
  });

  test("says that somebody has to log in", async () => {
    const { exit, planned } = await failing({}, { login: "none" });
    expect(planned).toMatchObject({ code: "PLATFORM_AUTH", hint: expect.stringContaining("auth login") });
    expect(exit).toMatchObject({ kind: "crashed", error: { code: "PLATFORM_AUTH" } });
  });

  test("says that the function has to be deployed first, and hands the job's secret to nobody", async () => {
    const { exit, calls } = await failing({});
    expect(exit).toMatchObject({ kind: "crashed", error: { code: "NOT_DEPLOYED" } });
    expect(JSON.stringify([exit, calls])).not.toContain(secret);
  });

  test("is told of other code by its label, and of nothing else", async () => {
    const { tool, resources } = await open();
    await using _ = tool;
    await deploy(await resources(), { signal });
    const [[key, made]] = Object.entries(tool.plane().functions) as [[string, StoredFunction]];
    const labels = { ...made.labels, "fnmesh-code": "of-an-older-release" };
    tool.setPlane((plane) => ({ ...plane, functions: { [key]: { ...made, labels } } }));
    const [step] = await diff(await resources(), signal);
    expect(step).toMatchObject({
      action: "update",
      changes: [{ fact: "code", from: "of-an-older-release" }],
    });
  });
});
