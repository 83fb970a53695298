// IBM Code Engine: `ibmcloud` as a program, and instances that are the real container entry, one request at a time.

import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, type PlatformSession, platforms } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { installTool, toolPlane } from "../support/fake-tool.ts";
import { startFront } from "../support/front.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { startInstance } from "../support/instance.ts";
import { emptyProject, type Project } from "./project.ts";

const { signal } = new AbortController();
const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});
const image = "registry.example/fnmesh-function";

async function open() {
  const tool = await installTool<Project>("ibmcloud", "ibm/ibmcloud.ts", emptyProject);
  const ibm = await platforms.ibm!();
  const settings = (section: object = {}) =>
    ibm.settings({ image, ...section }, { stage: "test", environment: {} });
  const resources = (section?: object) => ibm.resources(settings(section), session(tool.environment));
  return { tool, ibm, settings, resources };
}

providerContract("Code Engine", {
  async start() {
    const bundle = await functionBundle("container");
    const { tool, ibm, settings, resources } = await open();
    const front = await startFront({
      start: () =>
        startInstance({
          args: () => [bundle.path],
          environment: (port) => ({ PORT: String(port) }),
        }),
    });
    tool.setPlane((plane) => ({ ...plane, url: front.url }));
    await deploy(await resources(), { signal });
    return {
      provider: await ibm.open(settings(), session(tool.environment)),
      faults: front.faults,
      async [Symbol.asyncDispose]() {
        await front[Symbol.asyncDispose]();
        await tool[Symbol.asyncDispose]();
        await bundle[Symbol.asyncDispose]();
      },
    };
  },
});

deploymentContract("Code Engine", async () => {
  const { tool, resources } = await open();
  return toolPlane(tool, {
    resources: (change) => resources(change === undefined ? {} : { memoryMb: 4_000, maxInstances: 8 }),
    inventory: () => Object.keys(tool.plane().applications),
    squat: () => tool.setPlane((plane) => ({ ...plane, applications: { "fnmesh-test": {} } })),
  });
});

test("no application, and no login, are told apart", async () => {
  const { tool, ibm, settings } = await open();
  const exit = async () => {
    const provider = await ibm.open(settings(), session(tool.environment));
    return (await provider.launch({ invocation: {} as never, memoryMb: 2_000, signal })).exit;
  };
  try {
    expect(await exit()).toMatchObject({ error: { code: "NOT_DEPLOYED" } });
    tool.setPlane((plane) => ({ ...plane, isLocked: true }));
    expect(await exit()).toMatchObject({ error: { code: "PLATFORM_AUTH" } });
  } finally {
    await tool[Symbol.asyncDispose]();
  }
});
