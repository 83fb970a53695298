// What the function may do on AWS: write its own log, and nothing else; in a VPC, also what Lambda itself has to do for
// it there, which the function's code may not.

import type { Facts } from "../kit/deployment.ts";
import { functionName, logGroupName } from "./names.ts";
import type { AwsSettings } from "./settings.ts";

export type PolicyDocument = Readonly<Record<string, unknown>>;

/** China's and the US government's regions are worlds of their own. */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

export const trustPolicy: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/** docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html; Lambda calls them for all resources. */
const networkActions = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

/** The role is the account's, and gives rights in no other: so `*` stands for the account. */
export function rightsPolicy(settings: Pick<AwsSettings, "stage" | "vpc">, region: string): PolicyDocument {
  const partition = partitionOf(region);
  const logs = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `arn:${partition}:logs:${region}:*:log-group:${logGroupName(settings)}:*`,
  };
  const ourCode = `arn:${partition}:lambda:${region}:*:function:${functionName(settings)}`;
  const network = [
    { Effect: "Allow", Action: networkActions, Resource: "*" },
    {
      Effect: "Deny",
      Action: networkActions,
      Resource: "*",
      Condition: { ArnLike: { "lambda:SourceFunctionArn": ourCode } },
    },
  ];
  return { Version: "2012-10-17", Statement: [logs, ...(settings.vpc === undefined ? [] : network)] };
}

/** A policy as a fact: by name if it is this one, else as what it is not. */
export function policyFact(name: string, wanted: PolicyDocument, found: unknown): Facts[string] {
  if (found === undefined) return "none";
  return canonical(found) === canonical(wanted) ? name : "another policy";
}

/** JSON with the members of objects in order: equal for equal documents. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
