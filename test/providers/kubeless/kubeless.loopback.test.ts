// Kubeless: its runtime's contract for Node, or Node itself, behind a service that spreads requests over pods; Functions
// are applied by a stand-in for kubectl, and made into Deployments as its controller does.

import { join } from "node:path";
import { deploy } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { deploymentContract } from "../deployment.suite.ts";
import {
  killed,
  mount,
  name,
  namespace,
  noteOutOfMemory,
  objectIn,
  openCluster,
} from "../support/cluster.ts";
import { buildProgram, type FakeTool, toolPlane } from "../support/fake-tool.ts";
import { startFront } from "../support/front.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import type { KubePlane } from "../support/kube-plane.ts";
import { openPlayer } from "../support/play-job.ts";

const { signal } = new AbortController();
const health = "/healthz";

/** A pod of the Deployment that was made of the Function. */
async function startPod(tool: FakeTool<KubePlane>, runtime: string): Promise<Instance> {
  const { handler, timeout } = objectIn(tool, "functions.kubeless.io").spec;
  const { containers, volumes } = objectIn(tool, "deployments.apps").spec.template.spec;
  const [container] = containers;
  const env = (container.env ?? []) as { name: string; value: string }[];
  const given = Object.fromEntries(env.map((each) => [each.name, each.value]));
  if (container.image === undefined) {
    const folder = await mount(tool, name);
    const [module, exported] = handler.split(".");
    const environment = { MOD_NAME: module, FUNC_HANDLER: exported, FUNC_TIMEOUT: timeout };
    return await startInstance({
      args: () => [runtime],
      environment: (port) => ({ ...given, ...environment, KUBELESS_ROOT: folder, FUNC_PORT: String(port) }),
      health,
    });
  }
  const folder = await mount(tool, volumes[0].configMap.name);
  const [mounted] = container.volumeMounts;
  return await startInstance({
    args: () => container.command.slice(1).map((each: string) => each.replace(mounted.mountPath, folder)),
    environment: (port) => ({ ...given, PORT: String(port) }),
    health,
  });
}

async function deployed(section: object) {
  const cluster = await openCluster("kubeless", section);
  const { tool } = cluster;
  const runtime = join(tool.folder, "kubeless.js");
  await buildProgram("kubeless/runtime.ts", runtime);
  await deploy(await cluster.resources(), { signal });
  const front = await startFront({
    start: () => startPod(tool, runtime),
    headers: ["x-fnmesh-caller"],
    replicas: objectIn(tool, "deployments.apps").spec.replicas as number,
    onEnd() {
      noteOutOfMemory(tool);
      return true;
    },
  });
  return {
    front,
    provider: await cluster.provider({ url: front.url }),
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await tool[Symbol.asyncDispose]();
    },
  };
}

providerContract("Kubeless", {
  async start() {
    const there = await deployed({ runtime: "nodejs22" });
    return { ...there, faults: there.front.faults };
  },
});

test("Kubeless runs the code in Node's image, and says which worker had too little memory", async () => {
  await using there = await deployed({});
  await using player = await openPlayer(there.provider);
  expect((await player.reduceByKey()).report.error).toBeNull();
  const { report } = await player.play(killed);
  expect(report.error).toMatchObject({ code: "OUT_OF_MEMORY", rank: 1 });
  await there.provider.close();
});

deploymentContract("Kubeless", async () => {
  const { tool, resources } = await openCluster("kubeless");
  return toolPlane(tool, {
    resources: (change) => resources(change === undefined ? {} : { memoryMb: 1024, replicas: 7 }),
    inventory: () => Object.keys(tool.plane().objects),
    squat() {
      const metadata = { name, namespace, generation: 1, uid: "theirs", labels: { app: "theirs" } };
      const theirs = { apiVersion: "kubeless.io/v1beta1", kind: "Function", metadata, spec: {} };
      const key = `functions.kubeless.io/${namespace}/${name}`;
      tool.setPlane((plane) => ({ ...plane, objects: { [key]: theirs } }));
    },
  });
});

test.each([{ runtime: "nodejs22" }, {}])(
  "Kubeless' function takes calls with its key alone: %o",
  async (section) => {
    await using there = await deployed(section);
    const call = async (headers: Readonly<Record<string, string>>) => {
      // No invocation at all: what is let in says so at once.
      const body = "{}";
      const json = { "content-type": "application/json" };
      const answer = await fetch(there.front.url, { method: "POST", body, headers: { ...json, ...headers } });
      return `${answer.status} ${await answer.text()}`;
    };
    const refused = section.runtime === undefined ? /^403 / : /^200 .*PLATFORM_AUTH/;
    expect(await call({})).toMatch(refused);
    expect(await call({ "x-fnmesh-caller": "another-key-of-many-letters" })).toMatch(refused);
    expect(await call({ "x-fnmesh-caller": "canary-canary-canary-canary" })).toMatch(/INVALID_ARGUMENT/);
    await there.provider.close();
  },
);
