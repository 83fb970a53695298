// The settings of AWS Lambda: what the one generic function is like, and whose credentials deploy and call it.

import { FnmeshError } from "@fnmesh/core";
import { type Fields, fieldsOf } from "../kit/fields.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";

export const architectures = ["arm64", "x86_64"] as const;
export const runtimes = ["nodejs24.x", "nodejs22.x", "nodejs20.x"] as const;

export interface AwsVpc {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The section `aws` of fnmesh.config.ts: docs/providers/aws.md. */
export interface AwsSection {
  /** Absent: AWS_REGION, AWS_DEFAULT_REGION, or the profile's. */
  readonly region?: string | undefined;
  /** Of ~/.aws/config. Absent: AWS_PROFILE, or the standard chain of credentials. */
  readonly profile?: string | undefined;
  /** Preset: `arm64`. */
  readonly architecture?: (typeof architectures)[number] | undefined;
  /** 128 to 10,240; preset: 512. */
  readonly memoryMb?: number | undefined;
  /** In whole seconds, up to 900,000, which is the preset. */
  readonly timeoutMs?: number | undefined;
  /** Of /tmp, 512 to 10,240; preset: 512. */
  readonly diskMb?: number | undefined;
  /** Preset: `nodejs22.x`. */
  readonly runtime?: (typeof runtimes)[number] | undefined;
  /** A network of your own, in which the function gets its addresses. */
  readonly vpc?: AwsVpc | undefined;
  /** A role of your own. Absent: fnmesh makes one. */
  readonly roleArn?: string | undefined;
  /** On all that is made, beside fnmesh's own. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface AwsSettings {
  readonly stage: string;
  /** Undefined: the one of the profile. */
  readonly region: string | undefined;
  /** Of ~/.aws/config. Undefined: the standard chain of credentials. */
  readonly profile: string | undefined;
  readonly architecture: (typeof architectures)[number];
  /** Lambda's memory is the function's: a job has just this, and processor in proportion. */
  readonly memoryMb: number;
  /** Whole seconds. */
  readonly timeoutMs: number;
  /** Of /tmp. */
  readonly diskMb: number;
  readonly runtime: (typeof runtimes)[number];
  readonly vpc: AwsVpc | undefined;
  /** A role of the user's own. Undefined: fnmesh makes one. */
  readonly roleArn: string | undefined;
  /** On all that is made, beside fnmesh's own. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The preset runs in every region, and its processors cost a fifth less. */
const presets = { architecture: "arm64", runtime: "nodejs22.x" } as const;

/** IAM's names end at 64 characters, and region and prefix are part of them. */
const stagePattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Reads the section `aws`. Throws INVALID_ARGUMENT that names the field. */
export const awsSettings: Platform<AwsSettings>["settings"] = (section, { stage, environment }) => {
  if (!stagePattern.test(stage)) throw wrong("stage", "has to be 1 to 32 letters, digits, - or _");
  const fields = fieldsOf<AwsSection>("aws", section);
  const settings: AwsSettings = {
    stage,
    region: matching(
      "aws.region",
      fields.optionalText("region") ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION,
      /^[a-z]{2}(-[a-z]+)+-\d+$/,
      "is no region, such as eu-central-1",
    ),
    profile: fields.optionalText("profile") ?? environment.AWS_PROFILE,
    architecture: fields.oneOf("architecture", architectures, presets.architecture),
    memoryMb: fields.count("memoryMb", limits.memoryMb),
    timeoutMs: wholeSeconds(fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs })),
    diskMb: fields.count("diskMb", { least: 512, most: limits.diskMb!, preset: 512 }),
    runtime: fields.oneOf("runtime", runtimes, presets.runtime),
    vpc: vpcOf(fields.section("vpc")),
    roleArn: matching(
      "aws.roleArn",
      fields.optionalText("roleArn"),
      /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/,
      "is no role's ARN",
    ),
    tags: tagsOf(fields.section("tags"), section),
  };
  fields.end();
  return settings;
};

function vpcOf(fields: Fields<AwsVpc> | undefined): AwsVpc | undefined {
  if (fields === undefined) return undefined;
  const ids = (name: keyof AwsVpc, pattern: RegExp, how: string) => {
    const found = fields.texts(name);
    if (found.length === 0 || !found.every((id) => pattern.test(id))) throw wrong(`aws.vpc.${name}`, how);
    return [...found].sort();
  };
  return {
    subnetIds: ids("subnetIds", /^subnet-[0-9a-z]+$/, "is no list of subnets, such as subnet-0a1b2c3d"),
    securityGroupIds: ids("securityGroupIds", /^sg-[0-9a-z]+$/, "is no list of groups, such as sg-0a1b2c3d"),
  };
}

type Tags = Readonly<Record<string, string>>;

function tagsOf(fields: Fields<Tags> | undefined, section: unknown): Tags {
  if (fields === undefined) return {};
  const names = Object.keys((section as { readonly tags: object }).tags);
  const taken = names.find((name) => name === "fnmesh" || name.startsWith("aws:"));
  if (taken !== undefined) throw wrong(`aws.tags.${taken}`, "is not free to be set");
  return Object.fromEntries(names.sort().map((name) => [name, fields.text(name)]));
}

function wholeSeconds(timeoutMs: number): number {
  if (timeoutMs % 1000 === 0) return timeoutMs;
  throw wrong("aws.timeoutMs", "is no whole number of seconds, in which Lambda counts");
}

function matching(field: string, value: string | undefined, pattern: RegExp, how: string) {
  if (value === undefined || pattern.test(value)) return value;
  throw wrong(field, how);
}

const wrong = (field: string, how: string) =>
  new FnmeshError("INVALID_ARGUMENT", `${field} ${how}`, {
    hint: "Correct it in fnmesh.config.ts or by its flag; docs/providers/aws.md has what AWS takes.",
  });
