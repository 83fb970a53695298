// Azure Functions: `az` as a program and in memory, the queue's signed requests, and the real programming model of
// @azure/functions with its host stubbed.

import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, type PlatformSession, platforms, remove } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { appPackage } from "../../../packages/providers/src/azure/app-package.ts";
import { createAz } from "../../../packages/providers/src/azure/cli.ts";
import { azureProvider } from "../../../packages/providers/src/azure/provider.ts";
import { azureResources } from "../../../packages/providers/src/azure/resources.ts";
import { azureSettings } from "../../../packages/providers/src/azure/settings.ts";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { installTool } from "../support/fake-tool.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { openPlayer } from "../support/play-job.ts";
import { emptySubscription } from "./az-commands.ts";
import { subscription } from "./az-in-memory.ts";
import { startFunctionsApp } from "./functions-app.ts";

const { signal } = new AbortController();
const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});
const settingsOf = (section: object = {}) =>
  azureSettings({ name: "acmemesh", ...section }, { stage: "test", environment: {} });

/** The app of the sources as they are, and a provider that knows the key. */
async function openApp(section: object = {}) {
  const bundle = await functionBundle("azure");
  const { files } = await appPackage(settingsOf(section), bundle.path);
  await bundle[Symbol.asyncDispose]();
  const app = await startFunctionsApp("acmemeshtest", files);
  const settings = settingsOf({ ...section, queues: app.url });
  const environment = { AZURE_STORAGE_KEY: app.key };
  const provider = azureProvider(settings, createAz({ environment }), session(environment));
  // A lost message is given up earlier than on a platform that scales out first.
  return { app, provider: { ...provider, acceptance: { silentMs: 3_000, verdictMs: 1_000 } } };
}

providerContract("Azure", {
  path: "relay",
  async start() {
    const { app, provider } = await openApp();
    return {
      provider,
      faults: app.faults,
      async [Symbol.asyncDispose]() {
        // No worker made Azure try its message again, or keep it.
        expect(app.poison).toEqual([]);
        await app[Symbol.asyncDispose]();
      },
    };
  },
});

deploymentContract("Azure", async () => {
  const plane = subscription();
  return {
    ...plane,
    async resources(change) {
      const settings = settingsOf(change === undefined ? {} : { memoryMb: 4_096, timeoutMs: 600_000 });
      return azureResources(settings, plane.az, await appPackage(settings));
    },
    async [Symbol.asyncDispose]() {},
  };
});

test("az is called as a program: all is made, listed under our tag, and removed; nothing secret is in its arguments", async () => {
  await using tool = await installTool("az", "azure/az.ts", emptySubscription);
  const azure = await platforms.azure!();
  const settings = settingsOf();
  const resources = () => azure.resources(settings, session(tool.environment));
  await deploy(await resources(), { signal });
  const { apps, queues } = tool.plane();
  expect(queues).toEqual(["acmemeshtest/fnmesh"]);
  expect(apps["acmemesh-test"]).toMatchObject({
    tags: { fnmesh: "test", "fnmesh-code": (await appPackage(settings)).hash },
    files: ["host.json", "package.json", "index.js", "entry.cjs"],
  });
  await remove(await resources(), { signal });
  expect(tool.plane()).toEqual(emptySubscription);
  expect(JSON.stringify(tool.state.calls())).not.toMatch(/key.?=|--account-key|connection-string/i);
});

test("without a key in the environment, az is asked for the account's", async () => {
  await using tool = await installTool("az", "azure/az.ts", emptySubscription);
  await using app = await startFunctionsApp("acmemeshtest", undefined);
  const azure = await platforms.azure!();
  const provider = await azure.open(settingsOf({ queues: app.url }), session(tool.environment));
  const launch = () => provider.launch({ invocation: {} as never, memoryMb: 2_048, signal });
  await expect(launch()).rejects.toMatchObject({ message: expect.stringContaining("no storage account") });
  const account = { id: "/accounts/acmemeshtest", group: "fnmesh-test", tags: {} };
  tool.setPlane((plane) => ({ ...plane, accounts: { acmemeshtest: account } }));
  // The signature is right now, so what is missing is the queue.
  await expect(launch()).rejects.toMatchObject({ message: expect.stringContaining("QueueNotFound") });
});

test("a wrong key is told without the key; az that is not there says how to get it", async () => {
  await using app = await startFunctionsApp("acmemeshtest", {});
  const azure = await platforms.azure!();
  const launch = async (environment: PlatformSession["environment"]) => {
    const provider = await azure.open(settingsOf({ queues: app.url }), session(environment));
    return await provider.launch({ invocation: {} as never, memoryMb: 2_048, signal });
  };
  const refused = launch({ AZURE_STORAGE_KEY: Buffer.from("canary-wrong").toString("base64") });
  await expect(refused).rejects.toMatchObject({ code: "PLATFORM_AUTH" });
  await expect(refused).rejects.toMatchObject({ message: expect.not.stringMatching(/canary|Y2FuYXJ5/) });
  await expect(launch({ PATH: "/nowhere" })).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    hint: expect.stringContaining("az login"),
  });
});

test("a worker whose process ends is lost, and its message is not tried again", async () => {
  const { app, provider } = await openApp();
  const player = await openPlayer(provider);
  try {
    const { report } = await player.play("process.exit(3);", { workers: 1 });
    expect(report.error).toMatchObject({ code: "WORKER_LOST", rank: 0 });
    // The host moves it once the process has ended, which may be after the report.
    await expect.poll(() => app.poison).toHaveLength(1);
    expect((await player.play("", { workers: 1 })).report.error).toBeNull();
  } finally {
    await player[Symbol.asyncDispose]();
    await provider.close();
    await app[Symbol.asyncDispose]();
  }
});
