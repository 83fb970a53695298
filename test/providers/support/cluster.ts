// A cluster for tests: a stand-in for kubectl, and pods that are processes of what was deployed there.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeClock, silentLog } from "@fnmesh/core/internal";
import { type PlatformName, type PlatformSession, platforms } from "@fnmesh/providers";
import { type FakeTool, installTool } from "./fake-tool.ts";
import { emptyCluster, type KubeObject, type KubePlane } from "./kube-plane.ts";

export const namespace = "default";
export const name = "fnmesh-test";

export const session = (environment: PlatformSession["environment"]): PlatformSession => ({
  ...{ environment, clock: nodeClock, log: silentLog, random: Math.random },
});

/** `preset`: the platform's section, under what a test gives. */
export async function openCluster(platform: PlatformName, preset: object = {}) {
  const tool = await installTool<KubePlane>("kubectl", "support/kubectl.ts", emptyCluster);
  const opened = await platforms[platform]!();
  const environment = { ...tool.environment, FNMESH_FUNCTION_KEY: "canary-canary-canary-canary" };
  const settings = (section: object = {}) =>
    opened.settings({ ...preset, ...section }, { stage: "test", environment });
  return {
    tool,
    settings,
    resources: (section?: object) => opened.resources(settings(section), session(environment)),
    provider: (section?: object) => opened.open(settings(section), session(environment)),
  };
}

/** An object of the stage's name. */
export function objectIn(tool: FakeTool<KubePlane>, kind: string): KubeObject {
  const found = tool.plane().objects[`${kind}/${namespace}/${name}`];
  if (found === undefined) throw new Error(`there is no ${kind} ${name} in the cluster`);
  return found;
}

/** A ConfigMap mounted as a volume: its folder. */
export async function mount(tool: FakeTool<KubePlane>, configMap: string): Promise<string> {
  const { data } = tool.plane().objects[`configmaps/${namespace}/${configMap}`]!;
  const folder = join(tool.folder, "volumes", configMap);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(data as Record<string, string>)) {
    await writeFile(join(folder, file), text);
  }
  return folder;
}

/** What the kubelet tells the API of a container that used up its memory. */
export function noteOutOfMemory(tool: FakeTool<KubePlane>): void {
  const terminated = { reason: "OOMKilled", exitCode: 137, finishedAt: new Date().toISOString() };
  const pod = {
    metadata: { name: `${name}-00001-deployment-0` },
    status: { containerStatuses: [{ state: { running: {} }, lastState: { terminated } }] },
  };
  tool.setPlane((plane) => ({ ...plane, pods: [...plane.pods, pod] }));
}

/** A job of which one worker is ended by the system, as for lack of memory. */
export const killed = `if (worker.rank === 1) process.kill(process.pid, "SIGKILL");\n await worker.peers.receive({ from: (worker.rank + 1) % worker.size });`;
