// The settings of Code Engine: which project, and what runs there. The API key is in IBMCLOUD_API_KEY alone.

import { FnmeshError } from "@fnmesh/core";
import { fieldsOf } from "../kit/fields.ts";
import { imageOf } from "../kit/image.ts";
import { stageName } from "../kit/stage-name.ts";
import type { Platform } from "../platform.ts";
import { limits, sizes } from "./limits.ts";

/** The section `ibm` of fnmesh.config.ts: docs/providers/ibm.md. */
export interface IbmSection {
  /** Absent: IBMCLOUD_REGION, or `us-south`. */
  readonly region?: string | undefined;
  /** The Code Engine project's id, a UUID. Absent: CE_PROJECT_ID, which has to be set then. */
  readonly projectId?: string | undefined;
  /** Has to be set: the function's image, in a registry that Code Engine can read. */
  readonly image?: string | undefined;
  /** The project's secret by which the image is pulled. Absent: the image is public. */
  readonly imageSecret?: string | undefined;
  /** A size that Code Engine has. */
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly minInstances?: number | undefined;
  readonly maxInstances?: number | undefined;
  /** Of Code Engine's API, and of the service that gives tokens. Absent: IBM's own. */
  readonly api?: string | undefined;
  readonly iam?: string | undefined;
}

export interface IbmSettings {
  readonly stage: string;
  readonly name: string;
  readonly region: string;
  /** The Code Engine project's id, a UUID. */
  readonly projectId: string;
  readonly image: string;
  /** The project's secret by which the image is pulled; undefined: the image is public. */
  readonly imageSecret: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  /** Of Code Engine's API, and of the service that gives tokens. */
  readonly api: string;
  readonly iam: string;
}

/** Between the worker's limit and the platform's: the worker says itself that its time is over. */
export const marginMs = 10_000;

export const ibmSettings: Platform<IbmSettings>["settings"] = (section, { stage, environment }) => {
  const fields = fieldsOf<IbmSection>("ibm", section);
  const region = fields.text("region", environment.IBMCLOUD_REGION ?? "us-south");
  const { timeoutMs } = limits;
  const settings: IbmSettings = {
    stage,
    name: stageName(stage),
    region,
    projectId: fields.text("projectId", environment.CE_PROJECT_ID),
    image: imageOf(fields.optionalText("image")),
    imageSecret: fields.optionalText("imageSecret"),
    memoryMb: fields.count("memoryMb", limits.memoryMb),
    timeoutMs: fields.count("timeoutMs", {
      least: 1_000,
      most: timeoutMs.most - marginMs,
      preset: timeoutMs.preset,
    }),
    minInstances: fields.count("minInstances", { least: 0, most: limits.workers, preset: 0 }),
    maxInstances: fields.count("maxInstances", { least: 1, most: limits.workers, preset: 100 }),
    api: fields.url("api", `https://api.${region}.codeengine.cloud.ibm.com/v2`),
    iam: fields.url("iam", "https://iam.cloud.ibm.com"),
  };
  fields.end();
  if (sizes[settings.memoryMb] === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", "ibm.memoryMb is no size that Code Engine has", {
      hint: `Choose one of ${Object.keys(sizes).join(", ")}.`,
    });
  }
  return settings;
};
