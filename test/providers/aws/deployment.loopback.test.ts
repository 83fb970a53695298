// AWS's resources over the wire: the real SDK in between, signatures checked, and AWS's own ways of taking its time.

import { deploy, diff, remove, survey } from "@fnmesh/providers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ControlPlane, deploymentContract } from "../deployment.suite.ts";
import { codeOf, type Delays, inventoryOf } from "./account.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";
import { type AwsRun, awsRun, someCode } from "./session.ts";
import { strangers } from "./strangers.ts";

const { signal } = new AbortController();
const region = "eu-central-1";

deploymentContract("AWS", async (): Promise<ControlPlane> => {
  const fake = await startFakeAws();
  return {
    resources(change) {
      fake.revive();
      const section = change === undefined ? {} : { memoryMb: 1_024, architecture: "x86_64" };
      // One try each, or the SDK would mend what this is about.
      return awsRun(fake, { section, environment: { AWS_MAX_ATTEMPTS: "1" } }).resources();
    },
    mutations: fake.mutations,
    interrupt: fake.interrupt,
    inventory: () => inventoryOf(fake.account),
    squat: () => strangers.function(fake.account),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
});

describe("on AWS", () => {
  let fake: FakeAws;
  beforeEach(async () => {
    fake = await startFakeAws();
  });
  afterEach(() => fake[Symbol.asyncDispose]());

  const start = async (delays: Delays) => {
    await fake[Symbol.asyncDispose]();
    fake = await startFakeAws({ delays });
  };
  const deployed = async (run?: AwsRun) => deploy(await awsRun(fake, run).resources(), { signal });
  const removed = async (run?: AwsRun) => remove(await awsRun(fake, run).resources(), { signal });
  /** The calls that change something which `act` makes. */
  const changesOf = async (act: () => Promise<unknown>) => {
    const before = fake.calls.length;
    await act();
    return fake.calls
      .slice(before)
      .filter(({ mutates }) => mutates)
      .map(({ action }) => action);
  };

  test("the function is made with its log and role, and nothing secret in it", async () => {
    expect(await changesOf(deployed)).toEqual([
      "logs:CreateLogGroup",
      "logs:PutRetentionPolicy",
      "iam:CreateRole",
      "iam:PutRolePolicy",
      "lambda:CreateFunction",
      "lambda:PutFunctionEventInvokeConfig",
    ]);
    const { functions, roles, logGroups } = fake.account;
    const made = functions.get("fnmesh-dev")!;
    expect(made.configuration).toMatchObject({
      Runtime: "nodejs22.x",
      Architectures: ["arm64"],
      MemorySize: 512,
      Timeout: 900,
      EphemeralStorage: { Size: 512 },
      Role: `arn:aws:iam::123456789012:role/fnmesh-dev-${region}`,
      LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "INFO", LogGroup: "/aws/lambda/fnmesh-dev" },
    });
    expect(made.configuration).not.toHaveProperty("Environment");
    expect(made.tags).toEqual({ fnmesh: "dev" });
    expect(made.eventConfig).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    expect(Buffer.from(codeOf(made)["entry.cjs"]!).equals(someCode)).toBe(true);
    expect(logGroups.get("/aws/lambda/fnmesh-dev")).toMatchObject({
      retentionDays: 7,
      tags: { fnmesh: "dev" },
    });
    expect([...roles.values()].map(({ name, policies }) => [name, [...policies.keys()]])).toEqual([
      [`fnmesh-dev-${region}`, ["fnmesh"]],
    ]);
  });

  test("a look fetches no code, and needs no more than reading", async () => {
    await deployed();
    const before = fake.calls.length;
    await diff(await awsRun(fake).resources(), signal);
    await survey(await awsRun(fake).resources(), signal);
    const looks = new Set(fake.calls.slice(before).map(({ action }) => action));
    expect([...looks].sort()).toEqual([
      "iam:GetRole",
      "iam:GetRolePolicy",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:ListTags",
      "logs:DescribeLogGroups",
      "logs:ListTagsForResource",
    ]);
  });

  const vpc = { subnetIds: ["subnet-0a"], securityGroupIds: ["sg-0a"] };
  test.each([
    ["memory", { section: { memoryMb: 1_769 } }, ["lambda:UpdateFunctionConfiguration"]],
    ["time limit", { section: { timeoutMs: 60_000 } }, ["lambda:UpdateFunctionConfiguration"]],
    ["disk", { section: { diskMb: 2_048 } }, ["lambda:UpdateFunctionConfiguration"]],
    ["Node", { section: { runtime: "nodejs24.x" } }, ["lambda:UpdateFunctionConfiguration"]],
    ["processor", { section: { architecture: "x86_64" } }, ["lambda:UpdateFunctionCode"]],
    ["code", { code: Buffer.from("exports.handler = 2;\n") }, ["lambda:UpdateFunctionCode"]],
    ["tags", { section: { tags: { team: "a" } } }, ["logs:TagResource", "iam:TagRole", "lambda:TagResource"]],
    ["network", { section: { vpc } }, ["iam:PutRolePolicy", "lambda:UpdateFunctionConfiguration"]],
  ] as const)("another %s changes that alone, there and back", async (_, run, changes) => {
    await deployed();
    expect(await changesOf(() => deployed(run))).toEqual(changes);
    expect(await changesOf(() => deployed(run))).toEqual([]);
    // Tags that are no longer asked for may be somebody else's by now: they stay.
    const back = "section" in run && "tags" in run.section ? [] : changes;
    expect(await changesOf(() => deployed())).toEqual(back);
    expect(await changesOf(() => deployed())).toEqual([]);
  });

  test("what somebody has changed by hand is changed back, as far as it is ours", async () => {
    await deployed();
    const { functions, roles, logGroups } = fake.account;
    const made = functions.get("fnmesh-dev")!;
    const role = [...roles.values()][0]!;
    made.configuration.Environment = { Variables: { DEBUG: "canary-value" } };
    made.tags.cost = "42";
    made.eventConfig = { MaximumRetryAttempts: 2 };
    role.trust = role.trust.replace("lambda.amazonaws.com", "ec2.amazonaws.com");
    logGroups.get("/aws/lambda/fnmesh-dev")!.retentionDays = undefined;
    const plan = await diff(await awsRun(fake).resources(), signal);
    expect(plan.flatMap(({ kind, changes }) => changes.map(({ fact, from }) => [kind, fact, from]))).toEqual([
      ["log group", "kept", "for ever"],
      ["role", "trust", "another policy"],
      ["function", "environment", "1 variables"],
      ["invocation settings", "tries", 3],
      ["invocation settings", "waits", "21600 s"],
    ]);
    expect(JSON.stringify(plan)).not.toMatch("canary");
    await deployed();
    expect(await changesOf(() => deployed())).toEqual([]);
    expect(made.tags).toEqual({ fnmesh: "dev", cost: "42" });
    expect(made.configuration).not.toHaveProperty("Environment");
  });

  test("a role of the user's own is used, and neither made nor removed", async () => {
    strangers.role(fake.account);
    const role = [...fake.account.roles.values()][0]!;
    role.trust = role.trust
      .replace(/"AWS":"\d+"/, '"Service":"lambda.amazonaws.com"')
      .replace('{"Principal', '{"Effect":"Allow","Principal');
    const own = { section: { roleArn: role.arn } };
    expect(await changesOf(() => deployed(own))).not.toContain("iam:CreateRole");
    expect(fake.account.functions.get("fnmesh-dev")!.configuration.Role).toBe(role.arn);
    await removed(own);
    expect(inventoryOf(fake.account)).toEqual([`role ${role.name}`, `policy ${role.name}/fnmesh`]);
  });

  test("a role that fnmesh has made goes when the function has one of the user's own, and comes back", async () => {
    strangers.role(fake.account);
    const theirs = [...fake.account.roles.values()][0]!;
    theirs.trust = theirs.trust
      .replace(/"AWS":"\d+"/, '"Service":"lambda.amazonaws.com"')
      .replace('{"Principal', '{"Effect":"Allow","Principal');
    fake.account.roles.delete(theirs.name);
    const role = { ...theirs, name: "theirs", arn: theirs.arn.replace(theirs.name, "theirs") };
    fake.account.roles.set(role.name, role);
    const own = { section: { roleArn: role.arn } };
    await deployed();
    const plan = await diff(await awsRun(fake, own).resources(), signal);
    expect(plan.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      "keep log group",
      "update function",
      "keep invocation settings",
      "remove role",
    ]);
    const swap = ["lambda:UpdateFunctionConfiguration", "iam:DeleteRolePolicy", "iam:DeleteRole"];
    expect(await changesOf(() => deployed(own))).toEqual(swap);
    expect(await changesOf(() => deployed(own))).toEqual([]);
    await deployed();
    expect(fake.account.roles.size).toBe(2);
    await removed(own);
    expect(inventoryOf(fake.account)).toEqual(["role theirs", "policy theirs/fnmesh"]);
  });

  test.each(["function", "role", "log group"] as const)(
    "a stranger's %s of our name is left as it is",
    async (kind) => {
      strangers[kind](fake.account);
      const before = structuredClone(
        fake.account[kind === "function" ? "functions" : kind === "role" ? "roles" : "logGroups"],
      );
      await expect(deployed()).rejects.toMatchObject({
        code: "DEPLOY_FAILED",
        hint: expect.stringContaining("--stage"),
      });
      await removed();
      expect(fake.mutations()).toBe(0);
      expect(
        fake.account[kind === "function" ? "functions" : kind === "role" ? "roles" : "logGroups"],
      ).toEqual(before);
    },
  );

  test("AWS may take its time with everything", async () => {
    await start({ roleShows: 5, roleAssumable: 6, functionReady: 8 });
    await deployed();
    expect(await changesOf(() => deployed())).toEqual([]);
    await deployed({ section: { memoryMb: 1_024, architecture: "x86_64", tags: { team: "a" } } });
    await removed();
    expect(inventoryOf(fake.account)).toEqual([]);
  });

  test("a role that was made just before an interruption, and does not show yet, is ours all the same", async () => {
    await start({ roleShows: 4, roleAssumable: 1, functionReady: 1 });
    fake.interrupt(2, "after");
    await expect(deployed()).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
    fake.revive();
    expect(await changesOf(() => deployed())).not.toContain("iam:CreateRole");
    expect(await changesOf(() => deployed())).toEqual([]);
  });

  test("an answer that is lost on its way is asked for again by the SDK, and what it has done is found", async () => {
    const calls = (await changesOf(deployed)).length;
    for (let call = 0; call < calls; call += 1) {
      await removed();
      fake.interrupt(call, "after", "once");
      await deployed();
      expect(await changesOf(() => deployed())).toEqual([]);
    }
  });

  test("a role in which Lambda never believes is told as such", async () => {
    await start({ roleShows: 0, roleAssumable: 10_000, functionReady: 0 });
    await expect(deployed()).rejects.toMatchObject({
      code: "DEPLOY_FAILED",
      message: expect.stringContaining("Lambda cannot assume it"),
    });
  });

  test("a function that could not be made is told with AWS's reason, and mended by the next deploy", async () => {
    const failing = "The function's subnets have no free addresses.";
    await deployed();
    const made = fake.account.functions.get("fnmesh-dev")!;
    made.failed = failing;
    const plan = await diff(await awsRun(fake).resources(), signal);
    expect(plan.find(({ kind }) => kind === "function")).toMatchObject({
      action: "update",
      changes: [{ fact: "state", from: `failed: ${failing}` }],
    });
    expect(await changesOf(() => deployed())).toEqual(["lambda:UpdateFunctionConfiguration"]);
    expect(made.failed).toBeUndefined();
  });

  test("settings that AWS does not take are told in its words", async () => {
    const section = { roleArn: "arn:aws:iam::123456789012:role/not-there" };
    await expect(deployed({ section })).rejects.toMatchObject({
      code: "DEPLOY_FAILED",
      message: expect.stringContaining("not-there"),
    });
  });

  test("stages stand side by side", async () => {
    await deployed();
    const other = awsRun(fake, { stage: "prod" });
    await deploy(await other.resources(), { signal });
    expect([...fake.account.functions.keys()]).toEqual(["fnmesh-dev", "fnmesh-prod"]);
    await removed();
    expect([...fake.account.functions.keys()]).toEqual(["fnmesh-prod"]);
    expect(inventoryOf(fake.account)).toHaveLength(5);
  });
});
