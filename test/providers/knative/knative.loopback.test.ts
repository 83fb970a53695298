// Knative: Knative Functions' own runtime for Node serves the entry, or Node itself what was mounted, behind an ingress
// that goes by the Host header; Services are applied by a stand-in for kubectl.

import { createRequire } from "node:module";
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
import { type FakeTool, toolPlane } from "../support/fake-tool.ts";
import { startFront } from "../support/front.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { type Instance, startInstance } from "../support/instance.ts";
import { type KubePlane, knativeHost } from "../support/kube-plane.ts";
import { openPlayer } from "../support/play-job.ts";

const runtime = join(createRequire(import.meta.url).resolve("faas-js-runtime"), "../bin/cli.js");
const { signal } = new AbortController();

/** A pod of the Service as it stands in the cluster. */
async function startPod(tool: FakeTool<KubePlane>, builtFunction: string): Promise<Instance> {
  const { spec } = objectIn(tool, "services.serving.knative.dev").spec.template;
  const [container] = spec.containers;
  if (container.command === undefined) {
    return await startInstance({
      args: (port) => [runtime, builtFunction, `--port=${port}`],
      cwd: tool.folder,
      health: "/health/liveness",
    });
  }
  const folder = await mount(tool, spec.volumes[0].configMap.name);
  const [mounted] = container.volumeMounts;
  return await startInstance({
    args: () => container.command.slice(1).map((each: string) => each.replace(mounted.mountPath, folder)),
    environment: (port) => ({ PORT: String(port) }),
  });
}

async function deployed(section: object) {
  const bundle = await functionBundle("knative");
  const cluster = await openCluster("knative", section);
  const { tool } = cluster;
  const front = await startFront({
    start: () => startPod(tool, bundle.path),
    check: ({ headers }) =>
      headers.host === knativeHost(name, namespace) ? undefined : { status: 404, text: "no such service" },
    throttled: { status: 503, text: "pending request queue full" },
    onEnd() {
      noteOutOfMemory(tool);
      return false;
    },
  });
  await deploy(await cluster.resources(), { signal });
  return {
    front,
    provider: await cluster.provider({ gateway: front.url }),
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await tool[Symbol.asyncDispose]();
      await bundle[Symbol.asyncDispose]();
    },
  };
}

providerContract("Knative", {
  async start() {
    const there = await deployed({ image: "registry.example.com/fnmesh-function" });
    return { ...there, faults: there.front.faults };
  },
});

test("Knative runs the code that was mounted into Node's image, and says which worker had too little memory", async () => {
  await using there = await deployed({});
  await using player = await openPlayer(there.provider);
  expect((await player.reduceByKey()).report.error).toBeNull();
  expect(there.front.instances()).toBe(4);
  const { report } = await player.play(killed);
  expect(report.error).toMatchObject({ code: "OUT_OF_MEMORY", rank: 1 });
  await there.provider.close();
});

deploymentContract("Knative", async () => {
  const { tool, resources } = await openCluster("knative");
  return toolPlane(tool, {
    resources: (change) => resources(change === undefined ? {} : { memoryMb: 1024, maxScale: 7 }),
    inventory: () => Object.keys(tool.plane().objects),
    squat() {
      const metadata = { name, namespace, generation: 1, uid: "theirs", labels: { app: "theirs" } };
      const theirs = { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata };
      const key = `services.serving.knative.dev/${namespace}/${name}`;
      tool.setPlane((plane) => ({ ...plane, objects: { [key]: theirs } }));
    },
  });
});
