// The settings of IBM Code Engine: what an instance has. Where it is says the project that `ibmcloud ce` has selected.

import { FnmeshError } from "@fnmesh/core";
import { fieldsOf } from "../kit/fields.ts";
import { imageOf } from "../kit/image.ts";
import { stageName } from "../kit/stage-name.ts";
import type { Platform } from "../platform.ts";
import { limits, processors } from "./limits.ts";

export interface IbmSettings {
  readonly name: string;
  readonly stage: string;
  readonly image: string;
  /** What a private registry is read with, as `ibmcloud ce secret create` has named it. */
  readonly registrySecret: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly minInstances: number;
  readonly maxInstances: number;
}

export const ibmSettings: Platform<IbmSettings>["settings"] = (section, { stage }) => {
  const fields = fieldsOf("ibm", section);
  const { least, most, preset } = limits.memoryMb;
  const { workers } = limits;
  const settings: IbmSettings = {
    name: stageName(stage),
    stage,
    image: imageOf(fields.optionalText("image")),
    registrySecret: fields.optionalText("registrySecret"),
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    minInstances: fields.count("minInstances", { least: 0, most: workers, preset: 0 }),
    maxInstances: fields.count("maxInstances", { least: 1, most: workers, preset: workers }),
  };
  fields.end();
  if (processors[settings.memoryMb] === undefined) {
    const sizes = Object.keys(processors).join(", ");
    throw new FnmeshError("INVALID_ARGUMENT", `ibm.memoryMb is none of ${sizes}`);
  }
  return settings;
};
