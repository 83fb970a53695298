import { describe, expect, test } from "vitest";
import { policyFact, rightsPolicy, trustPolicy } from "./policies.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string;
}
const statementsOf = (...given: Parameters<typeof rightsPolicy>) =>
  rightsPolicy(...given).Statement as readonly Statement[];
const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };

describe("the role", () => {
  test("lets the function write its own log, and nothing else", () => {
    expect(statementsOf({ stage: "dev", vpc: undefined }, "eu-central-1")).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "arn:aws:logs:eu-central-1:*:log-group:/aws/lambda/fnmesh-dev:*",
      },
    ]);
  });

  test("in a VPC gives Lambda its network interfaces, and denies them to the function's code", () => {
    const [, allowed, denied] = statementsOf({ stage: "dev", vpc }, "eu-central-1");
    expect(allowed).toMatchObject({
      Effect: "Allow",
      Action: expect.arrayContaining(["ec2:CreateNetworkInterface"]),
    });
    expect(denied).toMatchObject({
      Effect: "Deny",
      Action: allowed!.Action,
      Condition: {
        ArnLike: { "lambda:SourceFunctionArn": "arn:aws:lambda:eu-central-1:*:function:fnmesh-dev" },
      },
    });
  });

  test.each([
    ["cn-north-1", "arn:aws-cn:logs:cn-north-1:"],
    ["us-gov-west-1", "arn:aws-us-gov:logs:us-gov-west-1:"],
  ])("in %s is of that partition", (region, start) => {
    expect(statementsOf({ stage: "dev", vpc: undefined }, region)[0]!.Resource).toMatch(start);
  });
});

describe("a policy is", () => {
  test("told by its name where it is the wanted one, in whatever order its members are", () => {
    const [{ Effect, Principal, Action }] = trustPolicy.Statement as [Record<string, unknown>];
    const turned = { Statement: [{ Action, Principal, Effect }], Version: "2012-10-17" };
    expect(policyFact("Lambda alone", trustPolicy, turned)).toBe("Lambda alone");
  });

  test("another one where anything differs", () => {
    const wider = {
      ...trustPolicy,
      Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }],
    };
    expect(policyFact("Lambda alone", trustPolicy, wider)).toBe("another policy");
    expect(policyFact("Lambda alone", trustPolicy, undefined)).toBe("none");
  });
});
