// The two policies of docs/providers/aws.md: with those rights all works, and none of them is for nothing.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deploy, diff, remove, survey } from "@fnmesh/providers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launchRequest } from "../support/launch.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";
import { type AwsRun, awsRun } from "./session.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/providers/aws.md"), "utf8");
const { signal } = new AbortController();
const region = "eu-central-1";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}
interface Right {
  readonly action: string;
  readonly resource: string;
}

function rightsIn(name: string): readonly Right[] {
  const [, text] = new RegExp(`^\`\`\`json ${name}\n([^]*?)^\`\`\``, "m").exec(document)!;
  const { Statement } = JSON.parse(text!) as { readonly Statement: readonly Statement[] };
  return Statement.flatMap(({ Effect, Action, Resource }) => {
    expect(Effect).toBe("Allow");
    return [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource })));
  });
}

/** `*` stands for anything. */
const covers = (pattern: string, resource: string): boolean =>
  new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`).test(resource);
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
const actionsIn = (rights: readonly Right[]) => [...new Set(rights.map(({ action }) => action))].sort();

let aws: FakeAws;
let asked: Right[];
beforeEach(async () => {
  aws = await startFakeAws({ region });
  asked = [];
});
afterEach(() => aws[Symbol.asyncDispose]());

/** From now on these rights and no others. */
function grant(rights: readonly Right[]): void {
  aws.allows = (action, resource) => {
    asked.push({ action, resource });
    return rights.some((right) => right.action === action && covers(right.resource, resource));
  };
}

const vpc = { subnetIds: ["subnet-0a"], securityGroupIds: ["sg-0a"] };
const deployed = async (section: AwsRun["section"] = {}) =>
  deploy(await awsRun(aws, { section }).resources(), { signal });

async function allDeployments(): Promise<void> {
  await diff(await awsRun(aws).resources(), signal);
  await deployed();
  for (const role of aws.account.roles.values())
    role.trust = role.trust.replace("lambda.amazonaws.com", "ec2.amazonaws.com");
  await deployed({ memoryMb: 1_024, architecture: "x86_64", tags: { team: "a" }, vpc });
  await survey(await awsRun(aws).resources(), signal);
  await remove(await awsRun(aws).resources(), { signal });
}

async function lostWorker() {
  const provider = await awsRun(aws).open();
  try {
    const worker = await provider.launch({ ...launchRequest(), memoryMb: 512 });
    worker.left!("lost");
    return await worker.exit;
  } finally {
    await provider.close();
  }
}

test("who deploys needs what its policy says, no more and no less", async () => {
  const rights = rightsIn("policy-deploy");
  grant(rights);
  await allDeployments();
  expect(actionsIn(asked)).toEqual(actionsIn(rights));
});

test("who runs jobs needs what its policy says, no more and no less", async () => {
  await deployed();
  const rights = rightsIn("policy-run");
  grant(rights);
  expect(await lostWorker()).toMatchObject({
    error: { message: expect.stringContaining("not said why yet") },
  });
  expect(actionsIn(asked)).toEqual(actionsIn(rights));
});

test.each(["lambda:CreateFunction", "iam:PassRole", "iam:PutRolePolicy", "logs:PutRetentionPolicy"])(
  "without %s, the message names it",
  async (action) => {
    grant(rightsIn("policy-deploy").filter((right) => right.action !== action));
    await expect(deployed()).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
      message: expect.stringContaining(`AWS denies ${action} on arn:aws:`),
    });
  },
);

test.each(["logs:FilterLogEvents", "lambda:GetAccountSettings", "lambda:GetFunctionConfiguration"])(
  "jobs run without %s",
  async (action) => {
    await deployed();
    grant(rightsIn("policy-run").filter((right) => right.action !== action));
    expect(await lostWorker()).toMatchObject({ kind: "crashed", error: { code: "WORKER_LOST" } });
  },
);

test("jobs do not run without invocations", async () => {
  await deployed();
  grant(rightsIn("policy-run").filter(({ action }) => action !== "lambda:InvokeFunction"));
  await expect(lostWorker()).rejects.toMatchObject({
    code: "PLATFORM_AUTH",
    message: expect.stringContaining("lambda:InvokeFunction"),
  });
});
