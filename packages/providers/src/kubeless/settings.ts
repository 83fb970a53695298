// The settings of Kubeless: which cluster, what runs there, and how the function's service is reached.

import { callerHash, callerKey } from "../kit/caller-key.ts";
import { fieldsOf } from "../kit/fields.ts";
import type { Cluster } from "../kit/kubectl.ts";
import { stageName } from "../kit/stage-name.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";

/** The service's port, as Kubeless presets it. */
export const servicePort = 8080;

/** The section `kubeless` of fnmesh.config.ts: docs/providers/kubeless.md. */
export interface KubelessSection {
  /** Of kubectl. Absent: the current one. */
  readonly context?: string | undefined;
  /** Preset: `default`. */
  readonly namespace?: string | undefined;
  /** A runtime of Node 20.19 or later that was added to Kubeless. Absent: the code runs in `image` by itself. */
  readonly runtime?: string | undefined;
  readonly image?: string | undefined;
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Pods; preset: 4. */
  readonly replicas?: number | undefined;
  /** Of the function's service. Absent: its name in the cluster. */
  readonly url?: string | undefined;
}

export interface KubelessSettings extends Cluster {
  readonly stage: string;
  readonly name: string;
  /**
   * A runtime of Node 20.19 or later that the operator has added to Kubeless: its own ended with Node 14. Undefined: the
   * code runs in `image` by itself.
   */
  readonly runtime: string | undefined;
  /** Has Node. Not used with a `runtime`. */
  readonly image: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Pods; requests are spread over them. */
  readonly replicas: number;
  /** Of the function's service. */
  readonly url: string;
  /** SHA-256 of the key without which nobody may call the function; undefined: everybody may who reaches it. */
  readonly callerHash: string | undefined;
}

export const kubelessSettings: Platform<KubelessSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<KubelessSection>("kubeless", section);
  const { least, most, preset } = limits.memoryMb;
  const key = callerKey(environment);
  const name = stageName(stage);
  const namespace = fields.text("namespace", "default");
  const settings: KubelessSettings = {
    stage,
    name,
    context: fields.optionalText("context"),
    namespace,
    runtime: fields.optionalText("runtime"),
    image: fields.text("image", "docker.io/library/node:22-slim"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    replicas: fields.count("replicas", { least: 1, most: limits.workers, preset: 4 }),
    url: fields.url("url", `http://${name}.${namespace}.svc.cluster.local:${servicePort}`),
    callerHash: key === undefined ? undefined : callerHash(key),
  };
  fields.end();
  return settings;
};
