// AWS with the function on it as `fnmesh deploy` puts it there, run by Lambda's own runtime, and the provider as `fnmesh
// run` opens it: between the two is the SDK, and nothing but what goes over the wire.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nodeClock, type Provider } from "@fnmesh/core/internal";
import { deploy } from "@fnmesh/providers";
import type { Faults } from "../support/faults.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { codeOf, type FakeFunction } from "./account.ts";
import { createLambda, type Lambda, type LambdaFunction, type LambdaOptions } from "./lambda.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";
import { awsRun } from "./session.ts";

const stage = "test";
export const functionName = `fnmesh-${stage}`;

export interface TestingLambda extends AsyncDisposable {
  readonly aws: FakeAws;
  readonly lambda: Lambda;
  readonly provider: Provider;
  readonly faults: Faults;
  /** Where the entry is. */
  readonly taskRoot: string;
}

export interface TestingLambdaOptions extends LambdaOptions {
  readonly memoryMb?: number;
  /** What is another way than it was deployed. */
  readonly change?: Partial<LambdaFunction>;
  /** A worker that has not joined by then is launched again. Default: longer than any test. */
  readonly silentMs?: number;
}

export async function openTestingLambda({
  memoryMb = 512,
  change = {},
  silentMs = 60_000,
  ...options
}: TestingLambdaOptions): Promise<TestingLambda> {
  const lambda = createLambda(options);
  const aws = await startFakeAws({ backend: lambda });
  const taskRoot = await mkdtemp(join(tmpdir(), "fnmesh-lambda-"));
  const close = async () => {
    await aws[Symbol.asyncDispose]();
    await lambda.close();
    await rm(taskRoot, { recursive: true, force: true });
  };
  try {
    const run = { stage, section: { memoryMb, timeoutMs: 60_000 } };
    const resources = await awsRun(aws, { ...run, code: await builtCode() }).resources();
    await deploy(resources, { signal: new AbortController().signal });
    lambda.define({ ...(await unpacked(aws.account.functions.get(functionName)!, taskRoot)), ...change });
    const provider = await awsRun(aws, { ...run, clock: nodeClock }).open();
    return {
      ...{ aws, lambda, taskRoot, faults: aws.faults },
      provider: { ...provider, acceptance: { ...provider.acceptance!, silentMs } },
      async [Symbol.asyncDispose]() {
        await provider.close();
        await close();
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function builtCode(): Promise<Uint8Array> {
  await using bundle = await functionBundle("aws");
  return await readFile(bundle.path);
}

/** As Lambda does with what was uploaded. */
async function unpacked(found: FakeFunction, taskRoot: string): Promise<LambdaFunction> {
  for (const [path, code] of Object.entries(codeOf(found))) {
    await mkdir(dirname(join(taskRoot, path)), { recursive: true });
    await writeFile(join(taskRoot, path), code);
  }
  const { Handler, MemorySize, Timeout } = found.configuration as Record<string, number>;
  return {
    ...{ name: found.name, taskRoot, handler: String(Handler) },
    ...{ memoryMb: MemorySize!, timeoutMs: Timeout! * 1000 },
    maximumRetryAttempts: found.eventConfig?.MaximumRetryAttempts ?? 2,
  };
}
