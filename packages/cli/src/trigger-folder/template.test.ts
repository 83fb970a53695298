// The template of a trigger, for each source: what it names is there, its function has the rights that are listed here
// and no others, and no secret is in it. Whether AWS takes it is cfn-lint's to say (deploy/lint.test.ts).

import { describe, expect, test } from "vitest";
import { readDeployFile } from "../deploy/deploy-files.ts";
import { listOf, looseEnds, type Node, readTemplate, walk } from "../testing/cfn-template.ts";
import { type TriggerSource, templateFor, triggerSources } from "./template.ts";

const whole = readDeployFile("trigger/template.yaml");
const textOf = (source: TriggerSource) => templateFor(source, whole);

test("blocks of other sources go, and so do the lines that mark them", () => {
  const text = "a\n  # from s3\nb\n  # end\nc\n# from http\nd\n# end\n";
  expect(templateFor("s3", text)).toBe("a\nb\nc\n");
  expect(templateFor("http", text)).toBe("a\nc\nd\n");
  expect(templateFor("sqs", text)).toBe("a\nc\n");
});

test("every block is of a source, and ends", () => {
  const marks = whole.split("\n").filter((line) => /^ *# (from|end)\b/.test(line));
  marks.forEach((line, index) => {
    expect(line.trim()).toMatch(index % 2 === 0 ? /^# from (s3|sqs|http)$/ : /^# end$/);
  });
  expect(marks.length % 2).toBe(0);
  for (const source of triggerSources) expect(textOf(source)).not.toMatch(/^ *# (from|end)/m);
});

const log = ["logs:CreateLogStream", "logs:PutLogEvents"];
const access = ["kms:Decrypt", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameter"];
const own: Readonly<Record<TriggerSource, readonly string[]>> = {
  s3: ["sqs:SendMessage"],
  sqs: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
  http: [],
};
const resources: Readonly<Record<TriggerSource, readonly string[]>> = {
  s3: ["Undelivered", "Retries", "MayCall", "Objects"],
  sqs: ["Queue", "Undelivered", "Messages"],
  http: ["Address"],
};

describe.each(triggerSources)("the template from %s", (source) => {
  const template = readTemplate(textOf(source));
  const { Resources, Parameters, nodes } = template;
  const propertiesOf = (name: string) => Resources[name]!.Properties as Node;

  test("names what is there, and has nothing without a use", () => {
    expect(looseEnds(template)).toEqual([]);
    expect(Object.keys(Resources)).toEqual(["Log", "Role", "Function", ...resources[source]]);
  });

  test("gives the function these rights, none of them everywhere", () => {
    const rights = [...walk(Resources.Role!)].filter(({ Action, Resource }) => Action && Resource);
    expect(rights.flatMap(({ Action }) => listOf(Action)).sort()).toEqual(
      [...log, ...access, ...own[source]].sort(),
    );
    for (const { Resource } of rights) {
      expect(JSON.stringify(Resource)).toMatch(/"(Ref|Fn::GetAtt|Fn::Sub|Fn::If)"/);
      expect(JSON.stringify(Resource)).not.toContain("*");
    }
  });

  test("gives the function the token's name, and nobody the token", () => {
    const { Variables } = propertiesOf("Function").Environment as { Variables: Node };
    expect(Object.keys(Variables)).toEqual([
      ...["FNMESH_ORCHESTRATOR", "FNMESH_TOKEN_SECRET", "FNMESH_CERTIFICATE", "NODE_OPTIONS"],
    ]);
    expect(Variables.FNMESH_TOKEN_SECRET).toEqual({ Ref: "TokenSecretArn" });
    expect(textOf(source)).not.toMatch(/\{\{resolve:|SecretString|NoEcho/);
  });

  test("takes the ARNs and addresses that there are, and no others", () => {
    const takes = (name: string, text: string) =>
      new RegExp(`^(?:${Parameters[name]!.AllowedPattern})$`).test(text);
    const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:Token-Ab12cd";
    for (const arn of [secret, "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/fnmesh/token"]) {
      expect(takes("TokenSecretArn", arn)).toBe(true);
    }
    expect(takes("TokenSecretArn", "the-token-itself")).toBe(false);
    expect(takes("Orchestrator", "https://203.0.113.5:7421")).toBe(true);
    expect(takes("Orchestrator", "203.0.113.5:7421")).toBe(false);
    expect(takes("CertificateParameter", "/fnmesh/dev/orchestrator-certificate")).toBe(true);
  });

  test("is deployed from the folder that the command writes", () => {
    expect(propertiesOf("Function")).toMatchObject({ Code: "./function", Handler: "index.handler" });
    const codes = nodes.filter(({ Code }) => Code !== undefined);
    expect(codes).toHaveLength(1);
  });
});

describe("the source of events", () => {
  test("s3: the bucket may call the function, and no other account's bucket of that name", () => {
    const { Resources } = readTemplate(textOf("s3"));
    expect(Resources.MayCall!.Properties).toMatchObject({
      Principal: "s3.amazonaws.com",
      SourceArn: { "Fn::Sub": `arn:\${AWS::Partition}:s3:::\${Bucket}` },
      SourceAccount: { Ref: "AWS::AccountId" },
    });
    expect(Resources.Objects).toMatchObject({ DependsOn: "MayCall", DeletionPolicy: "Retain" });
  });

  test("sqs: those of a batch that failed come again, after Lambda's time, and at last go aside", () => {
    const { Resources, Parameters } = readTemplate(textOf("sqs"));
    expect(Resources.Messages!.Properties).toMatchObject({
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    const seconds = [Parameters.VisibilitySeconds!.Default, Parameters.TimeoutSeconds!.Default].map(Number);
    expect(seconds[0]).toBe(6 * seconds[1]!);
    expect(Resources.Queue!.Properties).toMatchObject({ RedrivePolicy: { maxReceiveCount: 5 } });
  });

  test("http: callers sign", () => {
    const { Resources } = readTemplate(textOf("http"));
    expect(Resources.Address!.Properties).toMatchObject({ AuthType: "AWS_IAM" });
  });
});
