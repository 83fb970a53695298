// OpenFaaS: its gateway's API, and containers that are the real entry.

import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { deploy, type PlatformSession, platforms } from "@fnmesh/providers";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { startGateway } from "./gateway.ts";

const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});

async function open(entry: string) {
  const gateway = await startGateway(entry);
  const openfaas = await platforms.openfaas!();
  const environment = {
    OPENFAAS_URL: gateway.url,
    OPENFAAS_PASSWORD: gateway.password,
    FNMESH_FUNCTION_KEY: "canary-canary-canary-canary",
  };
  const settings = (section: object = {}) =>
    openfaas.settings({ image: "registry/function", ...section }, { stage: "test", environment });
  const resources = (section?: object) => openfaas.resources(settings(section), session(environment));
  return { gateway, openfaas, environment, settings, resources };
}

providerContract("OpenFaaS", {
  async start() {
    const bundle = await functionBundle("container");
    const { gateway, openfaas, environment, settings, resources } = await open(bundle.path);
    await deploy(await resources(), { signal: new AbortController().signal });
    return {
      provider: await openfaas.open(settings(), session(environment)),
      faults: gateway.faults,
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await bundle[Symbol.asyncDispose]();
      },
    };
  },
});

deploymentContract("OpenFaaS", async () => {
  const { gateway, resources } = await open("no pod is started");
  return {
    resources: (change) => resources(change === undefined ? {} : { memoryMb: 1024, replicas: 8 }),
    mutations: () => gateway.mutations,
    interrupt(call, when) {
      gateway.interruption = { call, when };
    },
    inventory: () => [...gateway.functions.keys()],
    squat() {
      gateway.functions.set("fnmesh-test", { service: "fnmesh-test", image: "theirs", asked: 0 });
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
});
