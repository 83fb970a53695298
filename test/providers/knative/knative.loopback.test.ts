// Knative: Knative Functions' own runtime for Node serves the entry, or Node itself what was mounted, behind an ingress
// that goes by the Host header; Services are applied by a stand-in for kubectl.

import { cp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { deploy, diff } from "@fnmesh/providers";
import { describe, expect, test } from "vitest";
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
import { launchRequest, secret } from "../support/launch.ts";
import { openPlayer } from "../support/play-job.ts";

const runtime = join(createRequire(import.meta.url).resolve("faas-js-runtime"), "../bin/cli.js");
/** What is built into an image, beside the bundle. */
const image = join(import.meta.dirname, "../../../packages/providers/src/knative/image");
const { signal } = new AbortController();

/** A pod of the Service as it stands in the cluster. */
async function startPod(tool: FakeTool<KubePlane>, built: string): Promise<Instance> {
  const { spec } = objectIn(tool, "services.serving.knative.dev").spec.template;
  const [container] = spec.containers;
  const given = Object.fromEntries(
    (container.env as { name: string; value: string }[]).map((each) => [each.name, each.value]),
  );
  if (container.command === undefined) {
    // As `npm start` in the image does.
    const { scripts } = JSON.parse(await readFile(join(built, "package.json"), "utf8"));
    const [, start] = scripts.start.split(" ");
    return await startInstance({
      args: (port) => [runtime, start, `--port=${port}`],
      environment: () => given,
      cwd: built,
      health: "/health/liveness",
    });
  }
  const folder = await mount(tool, spec.volumes[0].configMap.name);
  const [mounted] = container.volumeMounts;
  return await startInstance({
    args: () => container.command.slice(1).map((each: string) => each.replace(mounted.mountPath, folder)),
    environment: (port) => ({ ...given, PORT: String(port) }),
  });
}

async function deployed(section: object) {
  const bundle = await functionBundle("knative");
  await cp(image, dirname(bundle.path), { recursive: true });
  const cluster = await openCluster("knative", section);
  const { tool } = cluster;
  const front = await startFront({
    start: () => startPod(tool, dirname(bundle.path)),
    check: ({ headers }) =>
      headers.host === knativeHost(name, namespace) ? undefined : { status: 404, text: "no such service" },
    headers: ["x-fnmesh-caller"],
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

describe("Knative", () => {
  const planned = async (section: object, change: Partial<KubePlane> = {}) => {
    const { tool, resources } = await openCluster("knative", section);
    await using _ = tool;
    tool.setPlane((plane) => ({ ...plane, ...change }));
    return await deploy(await resources(), { signal }).catch((error: unknown) => error);
  };

  test("says that it is not installed in this cluster", async () => {
    expect(await planned({}, { installed: [] })).toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      hint: expect.stringContaining("not installed in this cluster"),
    });
  });

  test("says that a context leads nowhere", async () => {
    expect(await planned({ context: "nowhere" })).toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      hint: expect.stringContaining("kubectl get nodes"),
    });
  });

  test("hands on what its webhook says of a time that the operator does not allow", async () => {
    expect(await planned({ timeoutMs: 900_000 })).toMatchObject({
      code: "DEPLOY_FAILED",
      message: expect.stringContaining("expected 0 <= 910 <= 600"),
    });
  });

  test("says that the service has to be deployed first, and hands the job's secret to nobody", async () => {
    const { tool, provider } = await openCluster("knative");
    await using _ = tool;
    const { exit } = await (await provider()).launch(launchRequest());
    expect(await exit).toMatchObject({ kind: "crashed", error: { code: "NOT_DEPLOYED" } });
    expect(JSON.stringify([await exit, tool.state.calls()])).not.toContain(secret);
  });

  test("deploys nothing for what the cluster has filled in, and the code again where somebody has changed it", async () => {
    const { tool, resources } = await openCluster("knative", { memoryMb: 1024 });
    await using _ = tool;
    await deploy(await resources(), { signal });
    const { containers } = objectIn(tool, "services.serving.knative.dev").spec.template.spec;
    expect(containers[0]).toMatchObject({ name: "user-container", resources: { limits: { memory: "1Gi" } } });
    const key = `configmaps/${namespace}/${name}-code`;
    const changed = { ...tool.plane().objects[key]!, data: { "entry.cjs": "// changed" } };
    tool.setPlane((plane) => ({ ...plane, objects: { ...plane.objects, [key]: changed } }));
    const steps = await diff(await resources(), signal);
    expect(steps.map(({ kind, action }) => `${kind}: ${action}`)).toEqual([
      "config map: update",
      "service: keep",
    ]);
  });

  test("keeps no code in the cluster when an image brings it", async () => {
    const { tool, resources } = await openCluster("knative");
    await using _ = tool;
    await deploy(await resources(), { signal });
    const steps = await deploy(await resources({ image: "registry.example.com/fnmesh-function" }), {
      signal,
    });
    expect(steps.map(({ kind, action }) => `${kind}: ${action}`)).toEqual([
      "service: update",
      "config map: remove",
    ]);
    expect(Object.keys(tool.plane().objects)).toEqual([`services.serving.knative.dev/${namespace}/${name}`]);
  });
});
