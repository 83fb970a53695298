// Workers on Azure Functions: a message in a queue for each. Not by HTTP: Azure's front end gives up on an answer after
// 230 s (learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger, "Limits"), and a function
// that has answered early may lose its instance. A queue has no such limit, delivers at least once, and starts as many
// instances as there are messages.

import { FnmeshError } from "@fnmesh/core";
import type { Provider } from "@fnmesh/core/internal";
import { acceptingProvider, lostUnseen } from "../kit/accepting-provider.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import type { Az } from "./cli.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { enqueue } from "./queue-service.ts";
import type { AzureSettings } from "./settings.ts";

const acceptance = {
  // Scaling out takes some ten seconds, more for a first instance.
  silentMs: 45_000,
  // Azure tells nothing of a single execution without Application Insights.
  verdictMs: 1_000,
} as const;

/** A queue takes 2,000 messages a second; Azure's scaling is slower than this. */
const rate = { burst: 100, perSecond: 100 } as const;

/** az takes a second or two. */
const keyMs = 60_000;

export function azureProvider(
  settings: AzureSettings,
  az: Az,
  { clock, random, environment }: PlatformSession,
): Provider {
  const { group, account, memoryMb, timeoutMs, maxInstances } = settings;
  const key = remembered(async () => {
    const { AZURE_STORAGE_KEY: given } = environment;
    if (given) return given;
    const args = ["storage", "account", "keys", "list", "--resource-group", group, "--account-name", account];
    // Not the launch's signal: others wait for the key, too.
    const found = await az.find(args, AbortSignal.timeout(keyMs));
    const [first] = (found ?? []) as readonly { readonly value: string }[];
    if (first !== undefined) return first.value;
    throw new FnmeshError("NOT_DEPLOYED", `there is no storage account ${account} in ${group}`, {
      hint: "Deploy it first: fnmesh deploy.",
    });
  });
  return acceptingProvider({
    ...{ name: "azure", network, acceptance, rate, clock, random },
    pricedAs: prices(),
    deployedMb: memoryMb,
    limits: {
      ...limits,
      workers: maxInstances,
      memoryMb: { ...limits.memoryMb, most: memoryMb, preset: memoryMb },
      timeoutMs: { most: timeoutMs, preset: timeoutMs },
    },
    accept: async ({ invocation }, signal) => await enqueue(settings, await key(), invocation, signal),
    verdict: async () => lostUnseen,
  });
}
