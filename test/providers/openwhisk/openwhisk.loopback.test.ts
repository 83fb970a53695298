// OpenWhisk: its own client over the wire, and the deployed action in runtimes that speak /init and /run.

import { readFile } from "node:fs/promises";
import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, type PlatformSession, platforms } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { openWhisk } from "../../../packages/providers/src/openwhisk/api.ts";
import { actionResource } from "../../../packages/providers/src/openwhisk/resources.ts";
import { openWhiskSettings } from "../../../packages/providers/src/openwhisk/settings.ts";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { openPlayer } from "../support/play-job.ts";
import { startApiServer } from "./api-server.ts";

const { signal } = new AbortController();

async function open(section: object = {}) {
  const server = await startApiServer();
  const environment = { __OW_API_HOST: server.url, __OW_API_KEY: server.key };
  const session: PlatformSession = { environment, clock: nodeClock, log: silentLog, random: Math.random };
  const settings = openWhiskSettings(section, { stage: "test", environment });
  return { server, environment, session, settings };
}

/** With the action of the sources as they are. */
async function openDeployed(section: object) {
  const { server, session, settings } = await open(section);
  const bundle = await functionBundle("openwhisk");
  const code = await readFile(bundle.path, "utf8");
  await bundle[Symbol.asyncDispose]();
  const resource = actionResource(settings, code, await openWhisk(settings, session));
  await deploy([resource], { signal });
  const openwhisk = await platforms.openwhisk!();
  return { server, provider: await openwhisk.open(settings, session) };
}

providerContract("OpenWhisk", {
  async start() {
    const { server, provider } = await openDeployed({ perMinute: 6_000 });
    return {
      // A lost activation is given up earlier than on a platform that pulls images.
      provider: { ...provider, acceptance: { ...provider.acceptance!, silentMs: 3_000 } },
      faults: server.faults,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
});

deploymentContract("OpenWhisk", async () => {
  const { server, session, environment } = await open();
  const openwhisk = await platforms.openwhisk!();
  return {
    async resources(change) {
      const section = change === undefined ? {} : { memoryMb: 512, runtime: "nodejs:22" };
      return openwhisk.resources(openwhisk.settings(section, { stage: "test", environment }), session);
    },
    mutations: () => server.interruptions.mutations,
    interrupt: (call, when) => server.interruptions.interrupt(call, when),
    inventory: () => [...server.actions.keys()],
    squat() {
      server.actions.set("fnmesh-test", { exec: { kind: "nodejs:20", code: "theirs" }, annotations: [] });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

test("what ends an action is known from its activation: its time limit, an exit, an earlier end", async () => {
  const { server, provider } = await openDeployed({ timeoutMs: 1_500 });
  const player = await openPlayer(provider);
  const change = { workers: 1, timeoutMs: 1_500 };
  try {
    const stuck = await player.play("for (;;);", change);
    expect(stuck.report.error).toMatchObject({ code: "WORKER_TIMEOUT", rank: 0 });
    const gone = await player.play("process.exit(3);", change);
    expect(gone.report.error).toMatchObject({
      code: "WORKER_LOST",
      message: expect.stringContaining("exited unexpectedly"),
    });
    expect((await player.play("", change)).report.error).toBeNull();
    expect((await player.play("", change)).report.error).toBeNull();
    // Each of the first two took its container with it; the last two shared one.
    expect(server.containers).toBe(3);
  } finally {
    await player[Symbol.asyncDispose]();
    await provider.close();
    await server[Symbol.asyncDispose]();
  }
});

test("a wrong key, no action, and no key at all are told apart, without the key", async () => {
  const { server, environment, session, settings } = await open();
  const openwhisk = await platforms.openwhisk!();
  const request = { invocation: {} as never, memoryMb: 256, signal };
  const wrong = { ...session, environment: { ...environment, __OW_API_KEY: "nobody:canary-wrong" } };
  try {
    const refused = (await openwhisk.open(settings, wrong)).launch(request);
    await expect(refused).rejects.toMatchObject({ code: "PLATFORM_AUTH" });
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining("canary") });
    const absent = (await openwhisk.open(settings, session)).launch(request);
    await expect(absent).rejects.toMatchObject({ code: "NOT_DEPLOYED" });
    const keyless = { ...session, environment: { __OW_API_HOST: server.url } };
    await expect(openwhisk.open(settings, keyless)).rejects.toMatchObject({ code: "PLATFORM_AUTH" });
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
