// Workers on IBM Code Engine: one request to the application each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { Provider } from "@fnmesh/core/internal";
import { httpProvider } from "../kit/http-provider.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import type { CodeEngine } from "./cli.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import type { IbmSettings } from "./settings.ts";

/** Code Engine holds requests back until their instances are there. */
const rate = { burst: 100, perSecond: 50 } as const;
const lookUpMs = 60_000;

export function ibmProvider(
  { name, memoryMb, timeoutMs, maxInstances }: IbmSettings,
  codeEngine: CodeEngine,
  { clock, random }: PlatformSession,
): Provider {
  const address = remembered(async () => {
    // Not a launch's signal: others wait for the address, too.
    const url = (await codeEngine.find(AbortSignal.timeout(lookUpMs)))?.status?.url;
    if (url !== undefined) return url;
    throw new FnmeshError("NOT_DEPLOYED", `there is no application ${name} on Code Engine`, {
      hint: "Deploy it first: fnmesh deploy --provider ibm.",
    });
  });
  return httpProvider({
    ...{ name: "ibm", network, rate, clock, random },
    limits: {
      ...limits,
      workers: maxInstances,
      memoryMb: { ...limits.memoryMb, most: memoryMb, preset: memoryMb },
      timeoutMs: { most: timeoutMs, preset: timeoutMs },
    },
    request: async ({ invocation }) => ({ url: await address(), method: "POST", body: invocation }),
  });
}
