import { FnmeshError } from "@fnmesh/core";
import type { Platform } from "@fnmesh/providers";
import { expect, test } from "vitest";
import { explainSettings } from "./explain-settings.ts";

/** As platforms do it: a variable before the section, a preset below both, and one thing that has to be there. */
const platform: Pick<Platform, "name" | "settings"> = {
  name: "aws",
  settings: (section, { stage, environment }) => {
    const given = (section ?? {}) as { memoryMb?: number; role?: string; vpc?: object; project?: string };
    const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION;
    if (!region) throw new FnmeshError("INVALID_ARGUMENT", "aws.region is not set");
    if (given.project === undefined) throw new FnmeshError("INVALID_ARGUMENT", "aws.project is not set");
    const { memoryMb = 512, vpc, project } = given;
    return { region, memoryMb, vpc, project, name: `fnmesh-${stage}`, profile: environment.AWS_PROFILE };
  },
};

const explain = (section: object, environment: Record<string, string>) =>
  Object.fromEntries(
    explainSettings(platform, {
      ...{ section, stage: "prod", environment },
      sourceOf: (setting) => ({ kind: "file", file: setting }),
    }).map(({ name, value, from }) => [name, [value, "file" in from ? from.file : Object.values(from)[1]]]),
  );

test("each setting is by what changes it, or by what it cannot do without", () => {
  const section = { project: "words", memoryMb: 1024, vpc: { subnets: ["a", "b"] } };
  expect(explain(section, { AWS_REGION: "eu-central-1", AWS_PROFILE: "ada", HOME: "/home/ada" })).toEqual({
    "aws.region": ["eu-central-1", "AWS_REGION"],
    "aws.memoryMb": ["1024", "aws.memoryMb"],
    "aws.vpc.subnets": ['["a","b"]', "aws.vpc"],
    "aws.project": ["words", "aws.project"],
    "aws.name": ["fnmesh-prod", undefined],
    "aws.profile": ["ada", "AWS_PROFILE"],
  });
});

test("of two variables the one in force is named, and a field that says what is preset is the file's", () => {
  const both = { AWS_REGION: "eu-central-1", AWS_DEFAULT_REGION: "eu-west-1" };
  expect(explain({ project: "words", memoryMb: 512 }, both)).toMatchObject({
    "aws.region": ["eu-central-1", "AWS_REGION"],
    "aws.memoryMb": ["512", "aws.memoryMb"],
  });
  expect(explain({ project: "words" }, { AWS_DEFAULT_REGION: "eu-west-1" })).toMatchObject({
    "aws.region": ["eu-west-1", "AWS_DEFAULT_REGION"],
    "aws.memoryMb": ["512", undefined],
  });
});

test("what is not right is told as the platform tells it", () => {
  expect(() => explain({}, { AWS_REGION: "x" })).toThrow("aws.project is not set");
});
