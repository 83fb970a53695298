// A file's settings for one stage: what stands in `stages` goes before what all stages have in common. Pure.

import { FnmeshError } from "@fnmesh/core";
import { choices, placeOf } from "./choices.ts";
import type { FnmeshConfig, StageConfig } from "./define-config.ts";
import type { FileSource, Source } from "./merge.ts";

export const presetStage = "dev";

/** It is part of every name on a platform: what all of them take. */
const form = /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/;

/** Throws INVALID_ARGUMENT that says where the name is from. */
export function checkStage(stage: string, from: Source): void {
  if (form.test(stage)) return;
  throw new FnmeshError("INVALID_ARGUMENT", `${placeOf(choices.stage, from)} is no name of a stage`, {
    hint: "1 to 20 letters a to z, digits and hyphens, beginning with a letter: --stage prod.",
  });
}

export interface FileOfStage {
  readonly config: StageConfig;
  /** Of a setting that the file has, such as `aws.region`. */
  sourceOf(setting: string): FileSource;
}

/** One level deep: a platform's section is overridden field by field, a store as a whole. */
export function fileOfStage(file: FnmeshConfig, name: string, stage: string): FileOfStage {
  const { stage: _, stages, ...common } = file;
  const own = Object.hasOwn(stages ?? {}, stage) ? stages![stage]! : {};
  const merged = Object.entries(own).map(([key, value]) => {
    const below = common[key as keyof typeof common];
    return [key, isSection(value) && isSection(below) ? { ...below, ...value } : value];
  });
  return {
    config: { ...common, ...Object.fromEntries(merged) },
    sourceOf(setting) {
      const [key = "", field = ""] = setting.split(".");
      const value = (own as Readonly<Record<string, unknown>>)[key];
      const isOwn = isSection(value) ? value[field] !== undefined : value !== undefined;
      return { kind: "file", file: name, ...(isOwn ? { stage } : {}) };
    },
  };
}

const isSection = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
