// The CloudFormation template, held to what it may not do: name what is not there, give more rights than it lists here,
// show a secret. Whether AWS takes it is cfn-lint's to say (lint.test.ts).

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { listOf, looseEnds, type Node, readTemplate, walk } from "../testing/cfn-template.ts";
import { readDeployFile, readUnit, valuesOf } from "./deploy-files.ts";

const file = "ec2/orchestrator.yaml";

const template = readTemplate(readDeployFile(file));
const { Resources, Outputs, nodes } = template;

test("what is named is there, and each parameter and condition is used", () => {
  expect(template.named.length).toBeGreaterThan(60);
  expect(looseEnds(template)).toEqual([]);
});

describe("rights", () => {
  const statements = [...walk(Resources!.Role!)].filter(({ Effect, Action }) => Effect && Action);
  const rights = statements.filter(({ Resource }) => Resource !== undefined);

  test("are these and no others", () => {
    expect(rights.flatMap(({ Action }) => listOf(Action)).sort()).toEqual([
      "lambda:GetAccountSettings",
      "lambda:GetFunctionConfiguration",
      "lambda:InvokeFunction",
      "lambda:ListTags",
      "logs:FilterLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "secretsmanager:GetSecretValue",
      "secretsmanager:GetSecretValue",
      "ssm:PutParameter",
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ]);
  });

  test("are for its own stage, but where AWS knows no resource", () => {
    const everywhere = rights.filter(({ Resource }) => listOf(Resource).includes("*"));
    expect(everywhere.map(({ Sid }) => Sid)).toEqual(["SeeHowManyMayRun", "SessionManager"]);
    const functionsOf = rights.find(({ Sid }) => Sid === "LaunchWorkers")!;
    const names = (functionsOf.Resource as Node[]).map(
      (each) => String(each["Fn::Sub"]).split("function:")[1],
    );
    expect(names).toEqual([`fnmesh-\${Stage}`, `fnmesh-\${Stage}:*`]);
  });

  test("are given to instances alone", () => {
    expect(statements.filter(({ Resource }) => Resource === undefined)).toMatchObject([
      { Principal: { Service: { "Fn::Sub": `ec2.\${AWS::URLSuffix}` } }, Action: "sts:AssumeRole" },
    ]);
  });
});

describe("secrets", () => {
  test("are made by AWS and named by their ARN: no value is in a parameter, the user data or an output", () => {
    expect(Resources!.Token!.Properties).toMatchObject({ GenerateSecretString: { PasswordLength: 43 } });
    expect(readDeployFile(file)).not.toMatch(/\{\{resolve:|^ +SecretString:|NoEcho/m);
    const tokens = nodes.filter((node) => node.Ref === "Token" || node["Fn::GetAtt"] === "Token.Id");
    expect(tokens).toHaveLength(2); // The role's right, and the output's ARN; the user data has the ARN by Sub.
    expect(Object.keys(Outputs!)).toEqual([
      "Api",
      "Workers",
      "TokenSecret",
      "CertificateParameter",
      "InstanceId",
    ]);
  });

  test("cannot be had from the instance's metadata by a URL that is fetched, nor from its disk", () => {
    expect(Resources!.Instance!.Properties).toMatchObject({
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
    });
  });
});

test("the ports that are open are those on which the service listens, the API's to ApiCidr alone", () => {
  const [start] = valuesOf(readUnit("systemd/fnmesh.service"), "Service", "ExecStart");
  const portOf = (flag: string) => Number(new RegExp(`${flag} (\\d+)`).exec(start!)![1]);
  const { SecurityGroupIngress: doors } = Resources!.Doors!.Properties as { SecurityGroupIngress: Node[] };
  expect(doors.map(({ FromPort, ToPort, CidrIp }) => [FromPort, ToPort, CidrIp])).toEqual([
    [portOf("--port"), portOf("--port"), { Ref: "WorkerCidr" }],
    [portOf("--observe-port"), portOf("--observe-port"), { Ref: "WorkerCidr" }],
    [portOf("--api-port"), portOf("--api-port"), { Ref: "ApiCidr" }],
  ]);
  expect(Outputs!.Api!.Value).toEqual({ "Fn::Sub": `https://\${Address}:${portOf("--api-port")}` });
});

test("the user data is a script, says what the set-up asks for, and tells the stack how it ended", () => {
  const userData = (Resources!.Instance!.Properties as Record<string, Node>).UserData!["Fn::Base64"] as Node;
  const [text] = userData["Fn::Sub"] as [string, Node];
  const script = text.replaceAll(/\$\{[^}]+\}/g, "x");
  const checked = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
  expect([checked.status, checked.stderr]).toEqual([0, ""]);
  const given = [...script.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!);
  const scripts = ["ec2/setup.sh", "ec2/fetch-secrets.sh"].map(readDeployFile).join("\n");
  for (const name of given) expect(scripts).toContain(`$${name}`);
  expect(script).toMatch(/trap '.*cfn-signal --exit-code \$\?.*--resource Instance .*' EXIT/);
  expect(script.trim().split("\n").at(-1)).toBe("/opt/fnmesh/node_modules/fnmesh/deploy/ec2/setup.sh");
});
