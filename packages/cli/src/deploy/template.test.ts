// The CloudFormation template, held to what it may not do: name what is not there, give more rights than it lists here,
// show a secret. Whether AWS takes it is cfn-lint's to say, where that is installed.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parse, type ScalarTag } from "yaml";
import { deployFile, readDeployFile, readUnit, valuesOf } from "./deploy-files.ts";

type Tree = null | string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree };
type Node = { readonly [key: string]: Tree };

const file = "ec2/orchestrator.yaml";

/** `!Ref x` as `{ Ref: x }`, and so on: the long forms that CloudFormation has for them. */
const functions = ["Ref", "Sub", "GetAtt", "If", "Equals", "Not"];
const nameOf = (tag: string) => (tag === "Ref" ? tag : `Fn::${tag}`);
const customTags = functions.flatMap((tag) => {
  const resolve = (value: unknown) => ({ [nameOf(tag)]: toJs(value) });
  const common = { tag: `!${tag}`, resolve };
  return [common, { ...common, collection: "seq" }] as unknown as ScalarTag[];
});
const toJs = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "toJSON" in value
    ? (value.toJSON as () => unknown)()
    : value;

const template = parse(readDeployFile(file), { customTags }) as Record<string, Node>;
const { Parameters, Resources, Conditions, Outputs } = template as Record<string, Record<string, Node>>;

function* walk(tree: Tree): Generator<Node> {
  if (typeof tree !== "object" || tree === null) return;
  if (!Array.isArray(tree)) yield tree as Node;
  for (const value of Object.values(tree)) yield* walk(value);
}
const nodes = [...walk(template)];

/** What `${…}` names in each text, but for a text's own names. */
const substituted = nodes.flatMap((node) => {
  const sub = node["Fn::Sub"];
  if (sub === undefined) return [];
  const [text, own] = (typeof sub === "string" ? [sub, {}] : sub) as [string, Node];
  return [...text.matchAll(/\$\{([^}!]+)\}/g)].map(([, name]) => name!).filter((name) => !(name in own));
});

describe("what is named is there", () => {
  const known = new Set([...Object.keys(Parameters!), ...Object.keys(Resources!)]);
  const isKnown = (name: string) => known.has(name.split(".")[0]!) || name.startsWith("AWS::");

  test("by Ref, GetAtt and Sub", () => {
    const named = [
      ...nodes.flatMap(({ Ref }) => (Ref === undefined ? [] : [Ref as string])),
      ...nodes.flatMap((node) => (node["Fn::GetAtt"] === undefined ? [] : [node["Fn::GetAtt"] as string])),
      ...substituted,
    ];
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((name) => !isKnown(name))).toEqual([]);
  });

  test("by conditions, and each parameter and condition is used", () => {
    const conditions = nodes.flatMap((node) => [
      ...(typeof node.Condition === "string" ? [node.Condition] : []),
      ...(node["Fn::If"] === undefined ? [] : [(node["Fn::If"] as string[])[0]!]),
    ]);
    expect(new Set(conditions)).toEqual(new Set(Object.keys(Conditions!)));
    const refs = new Set([...nodes.map(({ Ref }) => Ref), ...substituted]);
    expect(Object.keys(Parameters!).filter((name) => !refs.has(name))).toEqual([]);
  });
});

describe("rights", () => {
  const statements = [...walk(Resources!.Role!)].filter(({ Effect, Action }) => Effect && Action);
  const listOf = (value: Tree | undefined) =>
    Array.isArray(value) ? (value as string[]) : [value as string];
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

const linter = spawnSync("cfn-lint", ["--version"]);
test.skipIf(linter.status !== 0)("cfn-lint finds nothing", () => {
  const { status, stdout } = spawnSync("cfn-lint", ["-t", deployFile(file)], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, ""]);
});
