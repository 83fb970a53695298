// The settings of Google: which project and region, how large the function is, and who invokes it.

import { FnmeshError } from "@fnmesh/core";
import { fieldsOf } from "../kit/fields.ts";
import { stageName } from "../kit/stage-name.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";

/** Where the identity token comes from that opens the function. */
export const identities = ["auto", "gcloud", "metadata"] as const;

const runtimes = ["nodejs20", "nodejs22", "nodejs24"] as const;

/** The section `google` of fnmesh.config.ts: docs/providers/google.md. */
export interface GoogleSection {
  /** Absent: GOOGLE_CLOUD_PROJECT or CLOUDSDK_CORE_PROJECT, one of which has to be set then. */
  readonly project?: string | undefined;
  /** Absent: CLOUDSDK_FUNCTIONS_REGION, CLOUDSDK_RUN_REGION, or `us-central1`. */
  readonly region?: string | undefined;
  /** Preset: `nodejs22`. */
  readonly runtime?: (typeof runtimes)[number] | undefined;
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Instances that are kept, and paid for, while nothing runs. Preset: 0. */
  readonly minInstances?: number | undefined;
  /** A worker has an instance of its own: no job may have more. */
  readonly maxInstances?: number | undefined;
  /** Whose rights the function has. Absent: the project's default account. */
  readonly serviceAccount?: string | undefined;
  /** Where the token is from that opens the function: `metadata` on Google's machines. Preset: `auto`. */
  readonly identity?: (typeof identities)[number] | undefined;
  /** A service account as which gcloud invokes. Absent: as who is logged in. */
  readonly impersonate?: string | undefined;
}

export interface GoogleSettings {
  readonly stage: string;
  readonly project: string;
  readonly region: string;
  readonly name: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Instances that are kept, and paid for, while nothing runs. */
  readonly minInstances: number;
  /** A worker has an instance of its own: no job may have more. */
  readonly maxInstances: number;
  /** Whose rights the function has. fnmesh needs none. Undefined: the project's default account. */
  readonly serviceAccount: string | undefined;
  /** `metadata`: where the orchestrator runs on Google Cloud. `auto`: that where it answers, else gcloud. */
  readonly identity: (typeof identities)[number];
  /** A service account as which gcloud invokes; undefined: as who is logged in. */
  readonly impersonate: string | undefined;
}

/** As Google's commands and libraries read them, the first that is set. */
const projectVariables = ["GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"] as const;
const regionVariables = ["CLOUDSDK_FUNCTIONS_REGION", "CLOUDSDK_RUN_REGION"] as const;

export const googleSettings: Platform<GoogleSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<GoogleSection>("google", section);
  const from = (names: readonly string[]) => names.map((name) => environment[name]).find(Boolean);
  const project = fields.optionalText("project") ?? from(projectVariables);
  if (project === undefined) throw noProject;
  const { least, most, preset } = limits.memoryMb;
  const settings: GoogleSettings = {
    stage,
    project,
    region: fields.text("region", from(regionVariables) ?? "us-central1"),
    name: stageName(stage),
    runtime: fields.oneOf("runtime", runtimes, "nodejs22"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    minInstances: fields.count("minInstances", { least: 0, most: limits.workers, preset: 0 }),
    maxInstances: fields.count("maxInstances", {
      least: 1,
      most: limits.workers,
      preset: limits.concurrency,
    }),
    serviceAccount: fields.optionalText("serviceAccount"),
    identity: fields.oneOf("identity", identities, "auto"),
    impersonate: fields.optionalText("impersonate"),
  };
  fields.end();
  if (settings.minInstances > settings.maxInstances) throw moreKeptThanAllowed;
  return settings;
};

const noProject = new FnmeshError("INVALID_ARGUMENT", "google.project is not set", {
  hint: "Set it in fnmesh.config.ts, or GOOGLE_CLOUD_PROJECT in the environment.",
});
const moreKeptThanAllowed = new FnmeshError(
  "INVALID_ARGUMENT",
  "google.minInstances is above google.maxInstances",
);
