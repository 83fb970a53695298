// A Lambda function as facts, as it shall be and as AWS tells it; and which call changes which fact. Pure.

import type { FunctionConfiguration, UpdateFunctionConfigurationCommandInput } from "@aws-sdk/client-lambda";
import type { Facts } from "../kit/deployment.ts";
import { functionName, logGroupName, roleName, type Tags, tagFacts } from "./names.ts";
import type { AwsSettings, AwsVpc } from "./settings.ts";

/** The code's file in the archive, and what is called in it. */
export const codeFile = "entry.cjs";
export const handler = "entry.handler";

/** What can be used. Whatever else its state is, `update` waits, or applies the settings again. */
const ready = "ready";

export function wantedFunction(settings: AwsSettings, region: string, codeSha256: string): Facts {
  const { architecture, runtime, memoryMb, timeoutMs, diskMb, vpc, roleArn } = settings;
  return {
    code: `sha256 ${codeSha256}`,
    architecture,
    runtime,
    handler,
    memory: `${memoryMb} MB`,
    timeout: `${timeoutMs / 1000} s`,
    disk: `${diskMb} MB`,
    role: roleArn ?? roleName(settings, region),
    network: networkFact(vpc),
    log: `JSON to ${logGroupName(settings)}`,
    // Invocations bring their secrets along; what stands here can be read by many.
    environment: "empty",
    ...tagFacts(settings),
    state: ready,
  };
}

export function factsOf(found: FunctionConfiguration, settings: AwsSettings, tags: Tags): Facts {
  const { SubnetIds = [], SecurityGroupIds = [] } = found.VpcConfig ?? {};
  const vpc = { subnetIds: [...SubnetIds].sort(), securityGroupIds: [...SecurityGroupIds].sort() };
  const { LogFormat, LogGroup } = found.LoggingConfig ?? {};
  return {
    code: `sha256 ${found.CodeSha256}`,
    architecture: found.Architectures?.[0] ?? "x86_64",
    runtime: found.Runtime ?? "none",
    handler: found.Handler ?? "none",
    memory: `${found.MemorySize} MB`,
    timeout: `${found.Timeout} s`,
    disk: `${found.EphemeralStorage?.Size ?? 512} MB`,
    role: settings.roleArn === undefined ? (found.Role ?? "").replace(/^.*\//, "") : (found.Role ?? ""),
    network: networkFact(SubnetIds.length === 0 ? undefined : vpc),
    log: `${LogFormat ?? "Text"} to ${LogGroup ?? `/aws/lambda/${found.FunctionName}`}`,
    environment: environmentFact(found),
    ...tagFacts(settings, tags),
    state: stateOf(found).text,
  };
}

/** By how many, not by what they are: somebody may have put a secret there. */
function environmentFact({ Environment }: FunctionConfiguration): string {
  const count = Object.keys(Environment?.Variables ?? {}).length;
  return count === 0 ? "empty" : `${count} variables`;
}

const networkFact = (vpc: AwsVpc | undefined): string =>
  vpc === undefined
    ? "Lambda's own"
    : `subnets ${vpc.subnetIds.join(" ")}, groups ${vpc.securityGroupIds.join(" ")}`;

export interface FunctionState {
  readonly kind: "ready" | "changing" | "failed";
  readonly text: string;
}

/** docs.aws.amazon.com/lambda/latest/dg/functions-states.html: an inactive one wakes up when it is invoked. */
export function stateOf(found: FunctionConfiguration): FunctionState {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = found;
  if (State === "Failed") return { kind: "failed", text: `failed: ${StateReason ?? "AWS does not say why"}` };
  if (LastUpdateStatus === "Failed") {
    return { kind: "failed", text: `failed: ${LastUpdateStatusReason ?? "AWS does not say why"}` };
  }
  if (State === "Pending") return { kind: "changing", text: "being made" };
  if (LastUpdateStatus === "InProgress") return { kind: "changing", text: "being changed" };
  return { kind: "ready", text: ready };
}

export interface FunctionUpdates {
  readonly code: boolean;
  readonly configuration: boolean;
  readonly tags: boolean;
}

const inCode: ReadonlySet<string> = new Set(["code", "architecture"]);

/**
 * The calls that bring these facts about. A state alone that is not ready may just be waited for; one that has failed
 * takes the configuration again.
 */
export function updatesFor(changed: readonly string[], state: FunctionState["kind"]): FunctionUpdates {
  const rest = changed.filter((fact) => !inCode.has(fact) && fact !== "tags" && fact !== "state");
  return {
    code: changed.some((fact) => inCode.has(fact)),
    configuration: rest.length > 0 || state === "failed",
    tags: changed.includes("tags"),
  };
}

/** As CreateFunction and UpdateFunctionConfiguration take it. */
export function configurationOf(settings: AwsSettings, roleArn: string) {
  const { memoryMb, timeoutMs, diskMb, runtime, vpc } = settings;
  return {
    FunctionName: functionName(settings),
    Description: "fnmesh: runs workers of any job",
    Role: roleArn,
    Runtime: runtime,
    Handler: handler,
    MemorySize: memoryMb,
    Timeout: timeoutMs / 1000,
    EphemeralStorage: { Size: diskMb },
    VpcConfig: {
      SubnetIds: [...(vpc?.subnetIds ?? [])],
      SecurityGroupIds: [...(vpc?.securityGroupIds ?? [])],
    },
    Environment: { Variables: {} },
    // JSON, so that the platform's own records tell what became of an invocation (verdict.ts).
    LoggingConfig: {
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "INFO",
      LogGroup: logGroupName(settings),
    },
  } satisfies UpdateFunctionConfigurationCommandInput;
}
