// Starts workers by asynchronous invocations of the one function: Lambda takes them in a moment and says no more. A
// worker that does not come is invoked again; of one that is lost, the function's log tells what became of it.

import type { Lambda } from "@aws-sdk/client-lambda";
import { FnmeshError } from "@fnmesh/core";
import type { LaunchedWorker, LaunchRequest, Provider, ProviderLimits } from "@fnmesh/core/internal";
import { acceptedWorker } from "../kit/launched.ts";
import { createThrottle } from "../kit/throttle.ts";
import type { PlatformSession } from "../platform.ts";
import { checkedLaunch, type Deployed } from "./deployed.ts";
import { exitFinder } from "./exit-finder.ts";
import { launchRate, limits } from "./limits.ts";
import { functionName, logGroupName } from "./names.ts";
import { network, vpcNetwork } from "./network.ts";
import { prices } from "./prices.ts";
import { ask } from "./request.ts";
import type { AwsClients } from "./sdk.ts";
import type { AwsSettings } from "./settings.ts";

/** A cold start takes a second or two, in a VPC ten; Lambda's own queue may hold an event that long, too. */
const silentMs = 20_000;
/** The log is some seconds behind. */
const verdictMs = 10_000;
/** The last look begins by then, and takes a moment. */
const findExitMs = 8_500;

export interface AwsProviderOptions {
  readonly settings: AwsSettings;
  readonly clients: Pick<AwsClients, "lambda" | "logs" | "close">;
  readonly session: Pick<PlatformSession, "clock" | "random">;
  /** How many environments the account may have at one time. */
  readonly concurrency: number;
  /** Milliseconds since 1970. Default: this machine's. */
  readonly wallClock?: () => number;
}

export function awsProvider({
  settings,
  clients,
  session,
  concurrency,
  wallClock = Date.now,
}: AwsProviderOptions): Provider {
  const { clock, random } = session;
  const { lambda, logs } = clients;
  const FunctionName = functionName(settings);
  const throttle = createThrottle({ rate: launchRate(concurrency), clock, random });
  const check = checkedLaunch({ settings, lambda, clock });
  const findExit = exitFinder({
    logs,
    logGroupName: logGroupName(settings),
    clock,
    random,
    withinMs: findExitMs,
  });
  const running = new Set<LaunchedWorker>();

  const launch = async ({ invocation, memoryMb, signal }: LaunchRequest): Promise<LaunchedWorker> => {
    const payload = Buffer.from(JSON.stringify(invocation));
    await check({ memoryMb, timeoutMs: invocation.timeoutMs, payloadBytes: payload.length }, signal);
    const launchedAtMs = wallClock();
    const requestId = await throttle.run(() => invoke(lambda, FunctionName, payload, signal), signal);
    const worker = acceptedWorker({
      id: requestId,
      verdict: (over) => findExit({ requestId, launchedAtMs }, over),
    });
    running.add(worker);
    void worker.exit.then(() => running.delete(worker));
    return worker;
  };
  return {
    name: "aws",
    limits: limitsOf(settings, concurrency),
    network: settings.vpc === undefined ? network : vpcNetwork,
    pricedAs: prices(settings),
    deployedMb: settings.memoryMb,
    acceptance: { silentMs, verdictMs },
    launch,
    async close() {
      await Promise.all([...running].map((worker) => worker.stop()));
      clients.close();
    },
  };
}

/** The memory and the longest time are the function's; the number of workers is the account's. */
const limitsOf = ({ memoryMb, timeoutMs }: Deployed, concurrency: number): ProviderLimits => ({
  memoryMb: { least: memoryMb, most: memoryMb, preset: memoryMb },
  timeoutMs: { most: timeoutMs, preset: timeoutMs },
  workers: Math.min(limits.workers, concurrency),
});

/** The request's id, which is the invocation's. Rejects with THROTTLED where it pays to try again. */
function invoke(lambda: Lambda, FunctionName: string, Payload: Uint8Array, signal: AbortSignal) {
  const expected = { ResourceNotFoundException: notDeployed(FunctionName), ...notNow };
  return ask<string>(
    { action: "lambda:InvokeFunction", signal, otherwise: "LAUNCH_FAILED", expected },
    async (options) => {
      const { $metadata } = await lambda.invoke({ FunctionName, InvocationType: "Event", Payload }, options);
      return $metadata.requestId ?? "a request without an id";
    },
  );
}

const notDeployed = (name: string) => (cause: Error) => {
  throw new FnmeshError("NOT_DEPLOYED", `there is no function ${name} on AWS`, {
    cause,
    hint: "Deploy it first, in the same region and stage: fnmesh deploy --provider aws.",
  });
};

/** It is being changed, or its network is being made: in a moment it can be invoked. */
const busy = (cause: Error): never => {
  throw new FnmeshError("THROTTLED", `lambda:InvokeFunction: ${cause.message}`, { cause });
};
const notNow = {
  ResourceConflictException: busy,
  ResourceNotReadyException: busy,
  ENINotReadyException: busy,
  SubnetIPAddressLimitReachedException: busy,
};
