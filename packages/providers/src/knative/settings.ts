// The settings of Knative: which cluster, what runs there, and how its services are reached.

import { FnmeshError } from "@fnmesh/core";
import { callerHash, callerKey } from "../kit/caller-key.ts";
import { fieldsOf } from "../kit/fields.ts";
import type { Cluster } from "../kit/kubectl.ts";
import { stageName } from "../kit/stage-name.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";

/** The section `knative` of fnmesh.config.ts: docs/providers/knative.md. */
export interface KnativeSection {
  /** Of kubectl. Absent: the current one. */
  readonly context?: string | undefined;
  /** Preset: `default`. */
  readonly namespace?: string | undefined;
  /** Absent: Node's own image, into which the code is mounted. */
  readonly image?: string | undefined;
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Pods that are kept while nothing runs. Preset: 0. */
  readonly minScale?: number | undefined;
  /** A worker has a pod of its own: no job may have more. */
  readonly maxScale?: number | undefined;
  /** Where the function is invoked. Absent: where Knative says. */
  readonly url?: string | undefined;
  /** The ingress, where the names of services lead nowhere. */
  readonly gateway?: string | undefined;
}

export interface KnativeSettings extends Cluster {
  readonly stage: string;
  readonly name: string;
  /** Undefined: Node's own image, into which the code is mounted. */
  readonly image: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Pods that are kept while nothing runs. */
  readonly minScale: number;
  /** A worker has a pod of its own: no job may have more. */
  readonly maxScale: number;
  /** Where the function is invoked; undefined: where Knative says. */
  readonly url: string | undefined;
  /** The ingress, where the names of services lead nowhere: it is told by the Host header which one is meant. */
  readonly gateway: string | undefined;
  /** SHA-256 of the key without which nobody may call the function; undefined: everybody may who reaches it. */
  readonly callerHash: string | undefined;
}

export const knativeSettings: Platform<KnativeSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<KnativeSection>("knative", section);
  const { least, most, preset } = limits.memoryMb;
  const key = callerKey(environment);
  const optionalUrl = (name: "url" | "gateway") =>
    fields.optionalText(name) === undefined ? undefined : fields.url(name);
  const settings: KnativeSettings = {
    stage,
    name: stageName(stage),
    context: fields.optionalText("context"),
    namespace: fields.text("namespace", "default"),
    image: fields.optionalText("image"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    minScale: fields.count("minScale", { least: 0, most: limits.workers, preset: 0 }),
    maxScale: fields.count("maxScale", { least: 1, most: limits.workers, preset: 100 }),
    url: optionalUrl("url"),
    gateway: optionalUrl("gateway"),
    callerHash: key === undefined ? undefined : callerHash(key),
  };
  fields.end();
  if (settings.minScale > settings.maxScale) throw moreKeptThanAllowed;
  return settings;
};

const moreKeptThanAllowed = new FnmeshError("INVALID_ARGUMENT", "knative.minScale is above knative.maxScale");
