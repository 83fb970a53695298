import { expect, test } from "vitest";
import { awsSettings } from "./settings.ts";

const given = (environment: Record<string, string> = {}, stage = "dev") => ({ stage, environment });

test("without a section, a function is small, runs long, and costs least", () => {
  expect(awsSettings(undefined, given())).toEqual({
    stage: "dev",
    region: undefined,
    profile: undefined,
    architecture: "arm64",
    memoryMb: 512,
    timeoutMs: 900_000,
    diskMb: 512,
    runtime: "nodejs22.x",
    vpc: undefined,
    roleArn: undefined,
    tags: {},
  });
});

test("the region is the section's, then AWS_REGION, then what AWS's command takes", () => {
  const both = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-east-2" };
  expect(awsSettings({ region: "eu-central-1" }, given(both)).region).toBe("eu-central-1");
  expect(awsSettings({}, given(both)).region).toBe("eu-west-1");
  expect(awsSettings({}, given({ AWS_DEFAULT_REGION: "us-gov-west-1" })).region).toBe("us-gov-west-1");
});

test("the profile is the section's, then AWS_PROFILE", () => {
  expect(awsSettings({ profile: "work" }, given({ AWS_PROFILE: "play" })).profile).toBe("work");
  expect(awsSettings({}, given({ AWS_PROFILE: "play" })).profile).toBe("play");
});

test("subnets, groups and tags have one order, whatever order they are written in", () => {
  const written = {
    vpc: { subnetIds: ["subnet-b", "subnet-a"], securityGroupIds: ["sg-2", "sg-1"] },
    tags: { team: "whales", cost: "42" },
  };
  const { vpc, tags } = awsSettings(written, given());
  expect(vpc).toEqual({ subnetIds: ["subnet-a", "subnet-b"], securityGroupIds: ["sg-1", "sg-2"] });
  expect(Object.keys(tags)).toEqual(["cost", "team"]);
});

test.each([
  [{ memoryMb: 64 }, "aws.memoryMb"],
  [{ memoryMb: 20_000 }, "aws.memoryMb"],
  [{ timeoutMs: 1_500 }, "aws.timeoutMs"],
  [{ timeoutMs: 901_000 }, "aws.timeoutMs"],
  [{ diskMb: 100 }, "aws.diskMb"],
  [{ architecture: "arm" }, "aws.architecture"],
  [{ runtime: "nodejs18.x" }, "aws.runtime"],
  [{ region: "Frankfurt" }, "aws.region"],
  [{ roleArn: "fnmesh-role" }, "aws.roleArn"],
  [{ vpc: { subnetIds: ["subnet-1"] } }, "aws.vpc.securityGroupIds"],
  [{ vpc: { subnetIds: ["10.0.0.0/8"], securityGroupIds: ["sg-1"] } }, "aws.vpc.subnetIds"],
  [{ vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"], id: "vpc-1" } }, "aws.vpc.id"],
  [{ tags: { fnmesh: "mine" } }, "aws.tags.fnmesh"],
  [{ tags: { "aws:x": "mine" } }, "aws.tags.aws:x"],
  [{ tags: { team: 3 } }, "aws.tags.team"],
  [{ memory: 512 }, "aws.memory"],
  ["eu-central-1", "aws"],
])("%j is refused by the field's name", (section, field) => {
  expect(() => awsSettings(section, given())).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(`^${field} `) }),
  );
});

test.each(["", "a stage", "x".repeat(33), "dev/1"])("the stage %j gives no names on AWS", (stage) => {
  expect(() => awsSettings({}, given({}, stage))).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching("^stage ") }),
  );
});
