// The settings of OpenWhisk: where its API is, and what the action has.

import { fieldsOf } from "../kit/fields.ts";
import type { Platform } from "../platform.ts";
import { invocationsPerMinute, limits } from "./limits.ts";

/** The section `openwhisk` of fnmesh.config.ts: docs/providers/openwhisk.md. */
export interface OpenWhiskSection {
  /** A host, or an address. Absent: __OW_API_HOST, or what `wsk property set --apihost` has put down. */
  readonly apihost?: string | undefined;
  /** Preset: `_`, the one that the key belongs to. */
  readonly namespace?: string | undefined;
  /** As the installation calls it; preset: `nodejs:20`. */
  readonly runtime?: string | undefined;
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** How many invocations in a minute the namespace may make. */
  readonly perMinute?: number | undefined;
}

export interface OpenWhiskSettings {
  /** Of the API: a host, or an address. Undefined: what `wsk property set --apihost` has put down. */
  readonly apihost: string | undefined;
  /** "_" is the one that the key belongs to. */
  readonly namespace: string;
  readonly name: string;
  readonly stage: string;
  /** As the installation calls it, such as `nodejs:20`. */
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** How many invocations in a minute the namespace may make. */
  readonly perMinute: number;
}

export const openWhiskSettings: Platform<OpenWhiskSettings>["settings"] = (
  section,
  { stage, environment },
) => {
  const fields = fieldsOf<OpenWhiskSection>("openwhisk", section);
  const { least, most, preset } = limits.memoryMb;
  const settings: OpenWhiskSettings = {
    apihost: fields.optionalText("apihost") ?? (environment.__OW_API_HOST || undefined),
    namespace: fields.text("namespace", "_"),
    name: `fnmesh-${stage}`,
    stage,
    runtime: fields.text("runtime", "nodejs:20"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    perMinute: fields.count("perMinute", invocationsPerMinute),
  };
  fields.end();
  return settings;
};
