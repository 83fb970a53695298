// Lambda's part in an account, for tests: functions, how they are invoked, tags and limits, over REST and JSON.

import { createHash } from "node:crypto";
import { accountId, type FakeAccount, type FakeFunction } from "./account.ts";
import {
  checkCode,
  checkConfiguration,
  checkRole,
  configurationFields,
  toldConfiguration,
} from "./lambda-settings.ts";
import { AwsFault, check, type Input, type Operation, passes, type Tags, wait } from "./wire.ts";

/** Takes an invocation; rejects with an AwsFault for one too many. */
export type TakeInvocation = (found: FakeFunction, payload: Uint8Array, requestId: string) => void;

export const functionArn = (region: string, name: unknown): string =>
  `arn:aws:lambda:${region}:${accountId}:function:${name}`;

const notThere = (arn: string) =>
  new AwsFault("ResourceNotFoundException", 404, `Function not found: ${arn}`);
const mostPayloadBytes = 1024 * 1024;

/** Method, path and operation; `:x` is a field. */
const routes: readonly (readonly [string, RegExp, string, string?])[] = [
  ["POST", /^\/2015-03-31\/functions\/?$/, "CreateFunction"],
  ["GET", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration", "FunctionName"],
  ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration", "FunctionName"],
  ["PUT", /^\/2015-03-31\/functions\/([^/]+)\/code$/, "UpdateFunctionCode", "FunctionName"],
  ["DELETE", /^\/2015-03-31\/functions\/([^/]+)$/, "DeleteFunction", "FunctionName"],
  ["POST", /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, "Invoke", "FunctionName"],
  [
    "GET",
    /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/,
    "GetFunctionEventInvokeConfig",
    "FunctionName",
  ],
  [
    "PUT",
    /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/,
    "PutFunctionEventInvokeConfig",
    "FunctionName",
  ],
  [
    "DELETE",
    /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/,
    "DeleteFunctionEventInvokeConfig",
    "FunctionName",
  ],
  ["GET", /^\/2017-03-31\/tags\/([^/]+)$/, "ListTags", "Resource"],
  ["POST", /^\/2017-03-31\/tags\/([^/]+)$/, "TagResource", "Resource"],
  ["GET", /^\/2016-08-19\/account-settings\/?$/, "GetAccountSettings"],
];

/** The operation and what the path says. Throws for what this server does not know. */
export function lambdaRoute(
  method: string,
  path: string,
): { readonly operation: string; readonly input: Input } {
  for (const [verb, pattern, operation, field] of routes) {
    const found = verb === method ? pattern.exec(path) : null;
    if (found === null) continue;
    return { operation, input: field === undefined ? {} : { [field]: decodeURIComponent(found[1]!) } };
  }
  throw new AwsFault("UnknownOperationException", 404, `${method} ${path}`);
}

/** `settled` is told when the state has changed. */
const stateOf = (found: FakeFunction) => {
  if (found.failed !== undefined)
    return { State: "Failed", StateReason: found.failed, LastUpdateStatus: "Successful" };
  const busy = found.changing.reads > 0;
  if (busy && found.changing.kind === "made") {
    return { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" };
  }
  return { State: "Active", LastUpdateStatus: busy ? "InProgress" : "Successful" };
};

export function lambdaOperations(
  account: FakeAccount,
  take: TakeInvocation,
): Readonly<Record<string, Operation>> {
  const { region, delays, functions } = account;
  const arnOf = (name: unknown) => functionArn(region, name);
  const resource = ({ FunctionName }: Input) => arnOf(FunctionName);
  const find = ({ FunctionName }: Input): FakeFunction => {
    const found = functions.get(String(FunctionName));
    if (found === undefined) throw notThere(arnOf(FunctionName));
    return found;
  };
  const findByArn = ({ Resource }: Input): FakeFunction => {
    const found = [...functions.values()].find(({ arn }) => arn === Resource);
    if (found === undefined) throw notThere(String(Resource));
    return found;
  };
  /** One that can be changed now. */
  const idle = (input: Input): FakeFunction => {
    const found = find(input);
    if (found.changing.reads > 0) {
      const message = `The operation cannot be performed at this time. An update is in progress for resource: ${found.arn}`;
      throw new AwsFault("ResourceConflictException", 409, message);
    }
    return found;
  };
  const told = (found: FakeFunction) => ({
    FunctionName: found.name,
    FunctionArn: found.arn,
    ...found.configuration,
    CodeSha256: createHash("sha256").update(found.zip).digest("base64"),
    CodeSize: found.zip.length,
    Version: "$LATEST",
    PackageType: "Zip",
    ...stateOf(found),
  });
  const bytesOf = (text: unknown) => Buffer.from(String(text), "base64");
  const passRole = (input: Input) => ({ action: "iam:PassRole", resource: String(input.Role) });
  const inVpc = ({ VpcConfig }: Input) =>
    ((VpcConfig as { SubnetIds?: unknown[] } | undefined)?.SubnetIds?.length ?? 0) > 0
      ? ["ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"].map((action) => ({
          action,
          resource: "*",
        }))
      : [];
  const changes = { mutates: true, resource };
  const reads = { mutates: false, resource };
  return {
    CreateFunction: {
      ...changes,
      action: "lambda:CreateFunction",
      required: ["FunctionName", "Role", "Code", "Runtime", "Handler", "PackageType"],
      optional: [...configurationFields, "Architectures", "Tags"],
      also: (input) => [
        passRole(input),
        ...inVpc(input),
        ...(input.Tags === undefined ? [] : [{ action: "lambda:TagResource", resource: resource(input) }]),
      ],
      run(input) {
        const name = String(input.FunctionName);
        check(/^[a-zA-Z0-9-_]{1,64}$/.test(name), `FunctionName ${name}`);
        if (functions.has(name))
          throw new AwsFault("ResourceConflictException", 409, `Function already exist: ${name}`);
        checkConfiguration(input);
        checkRole(account, input);
        const made: FakeFunction = {
          name,
          arn: arnOf(name),
          configuration: { Architectures: ["x86_64"], ...toldConfiguration(input) },
          zip: bytesOf((input.Code as { ZipFile: string }).ZipFile),
          tags: { ...((input.Tags ?? {}) as Tags) },
          changing: { kind: "made", ...wait(delays.functionReady) },
          failed: undefined,
          eventConfig: undefined,
        };
        checkCode(made);
        functions.set(name, made);
        return told(made);
      },
    },
    GetFunctionConfiguration: {
      ...reads,
      action: "lambda:GetFunctionConfiguration",
      required: ["FunctionName"],
      run(input) {
        const found = find(input);
        const answer = told(found);
        passes(found.changing);
        return answer;
      },
    },
    UpdateFunctionConfiguration: {
      ...changes,
      action: "lambda:UpdateFunctionConfiguration",
      required: ["FunctionName"],
      optional: configurationFields,
      also: (input) => [...(input.Role === undefined ? [] : [passRole(input)]), ...inVpc(input)],
      run(input) {
        const found = idle(input);
        checkConfiguration(input);
        if (input.Role !== undefined) checkRole(account, input);
        const { Environment: _, ...kept } = found.configuration;
        found.configuration = { ...kept, ...toldConfiguration(input) };
        found.failed = undefined;
        found.changing = { kind: "changed", ...wait(delays.functionReady) };
        return told(found);
      },
    },
    UpdateFunctionCode: {
      ...changes,
      action: "lambda:UpdateFunctionCode",
      required: ["FunctionName", "ZipFile"],
      optional: ["Architectures"],
      run(input) {
        const found = idle(input);
        checkCode({ ...found, zip: bytesOf(input.ZipFile) });
        found.zip = bytesOf(input.ZipFile);
        if (input.Architectures !== undefined) found.configuration.Architectures = input.Architectures;
        found.changing = { kind: "changed", ...wait(delays.functionReady) };
        return told(found);
      },
    },
    DeleteFunction: {
      ...changes,
      action: "lambda:DeleteFunction",
      required: ["FunctionName"],
      run: (input) => void functions.delete(find(input).name),
    },
    GetFunctionEventInvokeConfig: {
      ...reads,
      action: "lambda:GetFunctionEventInvokeConfig",
      required: ["FunctionName"],
      run(input) {
        const { eventConfig, arn } = find(input);
        if (eventConfig === undefined) throw notThere(`${arn} has no event invoke config`);
        return { ...eventConfig, FunctionArn: `${arn}:$LATEST` };
      },
    },
    PutFunctionEventInvokeConfig: {
      ...changes,
      action: "lambda:PutFunctionEventInvokeConfig",
      required: ["FunctionName"],
      optional: ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"],
      run(input) {
        const { MaximumRetryAttempts: tries, MaximumEventAgeInSeconds: age } = input as Record<
          string,
          number
        >;
        check(tries === undefined || (tries >= 0 && tries <= 2), `MaximumRetryAttempts ${tries}`);
        check(age === undefined || (age >= 60 && age <= 21_600), `MaximumEventAgeInSeconds ${age}`);
        const found = find(input);
        found.eventConfig = { MaximumRetryAttempts: tries!, MaximumEventAgeInSeconds: age! };
        return { ...found.eventConfig, FunctionArn: `${found.arn}:$LATEST` };
      },
    },
    DeleteFunctionEventInvokeConfig: {
      ...changes,
      action: "lambda:DeleteFunctionEventInvokeConfig",
      required: ["FunctionName"],
      run(input) {
        const found = find(input);
        if (found.eventConfig === undefined) throw notThere(found.arn);
        found.eventConfig = undefined;
      },
    },
    ListTags: {
      action: "lambda:ListTags",
      mutates: false,
      required: ["Resource"],
      resource: ({ Resource }) => String(Resource),
      run: (input) => ({ Tags: findByArn(input).tags }),
    },
    TagResource: {
      action: "lambda:TagResource",
      mutates: true,
      required: ["Resource", "Tags"],
      resource: ({ Resource }) => String(Resource),
      run: (input) => void Object.assign(findByArn(input).tags, input.Tags),
    },
    GetAccountSettings: {
      action: "lambda:GetAccountSettings",
      mutates: false,
      required: [],
      resource: () => "*",
      run: () => ({
        AccountLimit: {
          ConcurrentExecutions: account.concurrency,
          UnreservedConcurrentExecutions: account.concurrency,
        },
        AccountUsage: { FunctionCount: functions.size },
      }),
    },
    Invoke: {
      ...reads,
      action: "lambda:InvokeFunction",
      required: ["FunctionName", "InvocationType", "Payload", "requestId"],
      run(input) {
        const found = find(input);
        check(input.InvocationType === "Event", `InvocationType ${input.InvocationType}`);
        const payload = input.Payload as Uint8Array;
        if (payload.length > mostPayloadBytes) {
          throw new AwsFault("RequestTooLargeException", 413, `${payload.length} bytes exceeded the maximum`);
        }
        if (found.changing.kind === "made" && found.changing.reads > 0) {
          const message =
            "The operation cannot be performed at this time. The function is currently in the following state: Pending";
          throw new AwsFault("ResourceConflictException", 409, message);
        }
        take(found, payload, String(input.requestId));
        return {};
      },
    },
  };
}
