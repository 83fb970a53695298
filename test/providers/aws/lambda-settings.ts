// What Lambda's API takes as a function's settings, checked as strictly as the real one does, or more so.

import { codeOf, type FakeAccount, type FakeFunction, type FakeRole } from "./account.ts";
import { AwsFault, check, checkMembers, type Input } from "./wire.ts";

export const configurationFields = [
  "Description",
  "Role",
  "Runtime",
  "Handler",
  "MemorySize",
  "Timeout",
  "EphemeralStorage",
  "VpcConfig",
  "Environment",
  "LoggingConfig",
];

const runtimes = ["nodejs20.x", "nodejs22.x", "nodejs24.x"];
const within = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const invalid = (message: string) => new AwsFault("InvalidParameterValueException", 400, message);

interface VpcConfig {
  readonly SubnetIds?: readonly string[];
  readonly SecurityGroupIds?: readonly string[];
}

/** Throws what AWS would. */
export function checkConfiguration(input: Input): void {
  if (input.Runtime !== undefined && !runtimes.includes(String(input.Runtime))) {
    throw invalid(`Value ${input.Runtime} at 'runtime' failed to satisfy constraint`);
  }
  check(input.Handler === undefined || /^\S{1,128}$/.test(String(input.Handler)), "Handler");
  check(
    input.MemorySize === undefined || within(input.MemorySize, 128, 10_240),
    `MemorySize ${input.MemorySize}`,
  );
  check(input.Timeout === undefined || within(input.Timeout, 1, 900), `Timeout ${input.Timeout}`);
  checkMembers("EphemeralStorage", input.EphemeralStorage, ["Size"]);
  checkMembers("VpcConfig", input.VpcConfig, ["SubnetIds", "SecurityGroupIds"]);
  checkMembers("Environment", input.Environment, ["Variables"]);
  const logging = ["LogFormat", "ApplicationLogLevel", "SystemLogLevel", "LogGroup"];
  checkMembers("LoggingConfig", input.LoggingConfig, logging);
  const { SubnetIds = [], SecurityGroupIds = [] } = (input.VpcConfig ?? {}) as VpcConfig;
  check(
    SubnetIds.every((id) => /^subnet-[0-9a-z]+$/.test(id)),
    "SubnetIds",
  );
  check(
    SecurityGroupIds.every((id) => /^sg-[0-9a-z]+$/.test(id)),
    "SecurityGroupIds",
  );
  check((SubnetIds.length === 0) === (SecurityGroupIds.length === 0), "VpcConfig");
}

/** The role that Lambda shall take: there, and to be taken by Lambda; with rights in the VPC, where one is asked for. */
export function checkRole(account: FakeAccount, input: Input): void {
  const role = [...account.roles.values()].find(({ arn }) => arn === input.Role);
  const trusts = role !== undefined && trustsLambda(role);
  const believed = role !== undefined && role.unbelieved.reads <= 0;
  if (role !== undefined && !believed) role.unbelieved.reads -= 1;
  if (!trusts || !believed) throw invalid("The role defined for the function cannot be assumed by Lambda.");
  const { SubnetIds = [] } = (input.VpcConfig ?? {}) as VpcConfig;
  if (SubnetIds.length > 0 && !/"ec2:CreateNetworkInterface"/.test([...role.policies.values()].join())) {
    throw invalid(
      "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
    );
  }
}

function trustsLambda({ trust }: FakeRole): boolean {
  const { Statement } = JSON.parse(trust) as {
    Statement: { Effect: string; Principal: { Service?: string } }[];
  };
  return Statement.some(
    ({ Effect, Principal }) => Effect === "Allow" && Principal.Service === "lambda.amazonaws.com",
  );
}

/** The archive can be read, and has the file that the handler is in. */
export function checkCode(found: FakeFunction): void {
  let files: readonly string[];
  try {
    files = Object.keys(codeOf(found));
  } catch {
    throw invalid("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  const [module] = String(found.configuration.Handler).split(".");
  check(
    files.some((file) => [".js", ".mjs", ".cjs"].some((end) => file === module + end)),
    `no module ${module} among ${files}`,
  );
}

/** As AWS tells it: without what is empty. */
export function toldConfiguration(input: Input): Record<string, unknown> {
  const { Environment, VpcConfig, ...rest } = input;
  const { Variables = {} } = (Environment ?? {}) as { Variables?: object };
  const told = Object.fromEntries(
    Object.entries(rest).filter(([name]) => [...configurationFields, "Architectures"].includes(name)),
  );
  const vpc = (VpcConfig ?? {}) as VpcConfig;
  return {
    ...told,
    ...(Object.keys(Variables).length === 0 ? {} : { Environment: { Variables } }),
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: "", ...vpc },
  };
}
