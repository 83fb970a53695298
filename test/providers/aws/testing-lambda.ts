// A Lambda with one function in it, the built entry, and a provider that invokes it.

import { dirname } from "node:path";
import type { Provider } from "@fnmesh/core/internal";
import { createFaults, type Faults } from "../support/faults.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { directProvider } from "./direct-provider.ts";
import { createLambda, type Lambda, type LambdaFunction, type LambdaOptions } from "./lambda.ts";

export const functionName = "fnmesh-test";

export interface TestingLambda extends AsyncDisposable {
  readonly lambda: Lambda;
  readonly provider: Provider;
  readonly faults: Faults;
  /** Where the entry is. */
  readonly taskRoot: string;
}

export interface TestingLambdaOptions extends LambdaOptions {
  readonly change?: Partial<LambdaFunction>;
  /** A worker that has not joined by then is launched again. Default: longer than any test. */
  readonly silentMs?: number;
}

export async function openTestingLambda({
  change = {},
  silentMs = 60_000,
  ...options
}: TestingLambdaOptions): Promise<TestingLambda> {
  const bundle = await functionBundle("aws");
  const taskRoot = dirname(bundle.path);
  const lambda = createLambda(options);
  const config: LambdaFunction = {
    ...{ name: functionName, taskRoot, handler: "entry.handler" },
    ...{ memoryMb: 512, timeoutMs: 60_000, maximumRetryAttempts: 0 },
    ...change,
  };
  lambda.define(config);
  const faults = createFaults();
  const { memoryMb } = config;
  return {
    ...{ lambda, faults, taskRoot },
    provider: directProvider({ lambda, functionName, faults, memoryMb, silentMs }),
    async [Symbol.asyncDispose]() {
      await lambda.close();
      await bundle[Symbol.asyncDispose]();
    },
  };
}
