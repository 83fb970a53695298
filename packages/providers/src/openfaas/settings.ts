// The settings of OpenFaaS: where its gateway is, and what runs there.

import { fieldsOf } from "../kit/fields.ts";
import { imageOf } from "../kit/image.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";

/** The section `openfaas` of fnmesh.config.ts: docs/providers/openfaas.md. */
export interface OpenFaasSection {
  /** Absent: OPENFAAS_URL, or `http://127.0.0.1:8080`. Its password is in OPENFAAS_PASSWORD alone. */
  readonly gateway?: string | undefined;
  /** Preset: `admin`. */
  readonly user?: string | undefined;
  /** Preset: `openfaas-fn`. */
  readonly namespace?: string | undefined;
  /** Has to be set: the function's image, in a registry that the cluster can read. */
  readonly image?: string | undefined;
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Pods that are kept ready; preset: 4. */
  readonly replicas?: number | undefined;
}

export interface OpenFaasSettings {
  /** Of the gateway. Its password is in OPENFAAS_PASSWORD alone. */
  readonly gateway: string;
  readonly user: string;
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Pods that are kept ready; one serves several workers, one after another. */
  readonly replicas: number;
}

export const openFaasSettings: Platform<OpenFaasSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<OpenFaasSection>("openfaas", section);
  const { least, most, preset } = limits.memoryMb;
  const settings: OpenFaasSettings = {
    gateway: fields.url("gateway", environment.OPENFAAS_URL ?? "http://127.0.0.1:8080"),
    user: fields.text("user", "admin"),
    name: `fnmesh-${stage}`,
    namespace: fields.text("namespace", "openfaas-fn"),
    image: imageOf(fields.optionalText("image")),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    replicas: fields.count("replicas", { least: 1, most: limits.workers, preset: 4 }),
  };
  fields.end();
  return settings;
};
