// How Lambda treats asynchronous invocations that fail: not again. fnmesh itself starts a worker again, with a new
// attempt; one that Lambda repeats is refused, and paid for.

import type { FunctionEventInvokeConfig, Lambda } from "@aws-sdk/client-lambda";
import type { Facts, Resource } from "../kit/deployment.ts";
import { functionTags } from "./function.ts";
import { functionName, isOurs } from "./names.ts";
import { absent, ask } from "./request.ts";
import type { AwsSettings } from "./settings.ts";

/** Lambda's least. Whatever it could not start by then is no longer waited for. */
const oldestEventSeconds = 60;

export function invocationSettings(settings: AwsSettings, lambda: Lambda): Resource {
  const name = functionName(settings);
  const put = (signal: AbortSignal) =>
    ask({ action: "lambda:PutFunctionEventInvokeConfig", signal }, (options) =>
      lambda.putFunctionEventInvokeConfig(
        {
          FunctionName: name,
          MaximumRetryAttempts: 0,
          MaximumEventAgeInSeconds: oldestEventSeconds,
          DestinationConfig: {},
        },
        options,
      ),
    );
  return {
    kind: "invocation settings",
    name,
    wanted: factsOf({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: oldestEventSeconds }),
    async read(signal) {
      const found = await ask<FunctionEventInvokeConfig | undefined>(
        {
          action: "lambda:GetFunctionEventInvokeConfig",
          signal,
          expected: { ResourceNotFoundException: absent },
        },
        (options) => lambda.getFunctionEventInvokeConfig({ FunctionName: name }, options),
      );
      if (found?.FunctionArn === undefined) return undefined;
      // They are the function's, and ours if that is. It is told with the version that they are for.
      const arn = found.FunctionArn.replace(/(:function:[^:]+):.*$/, "$1");
      return { facts: factsOf(found), ours: isOurs(await functionTags(lambda, arn, signal), settings) };
    },
    create: async (signal) => void (await put(signal)),
    update: async (_, signal) => void (await put(signal)),
    async remove(signal) {
      await ask<unknown>(
        {
          action: "lambda:DeleteFunctionEventInvokeConfig",
          signal,
          expected: { ResourceNotFoundException: absent },
        },
        (options) => lambda.deleteFunctionEventInvokeConfig({ FunctionName: name }, options),
      );
    },
  };
}

const factsOf = (config: FunctionEventInvokeConfig): Facts => ({
  tries: (config.MaximumRetryAttempts ?? 2) + 1,
  waits: `${config.MaximumEventAgeInSeconds ?? 21_600} s`,
});
