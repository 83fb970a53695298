// Workers on Code Engine: one HTTPS request to the application each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { Provider } from "@fnmesh/core/internal";
import { callerHeader, requiredCallerKey } from "../kit/caller-key.ts";
import { httpProvider } from "../kit/http-provider.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import { createCodeEngine } from "./api.ts";
import { limitsOf } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import type { IbmSettings } from "./settings.ts";

/** Requests wait for their instances; this spares a project that has to start them. */
const rate = { burst: 100, perSecond: 50 } as const;
const lookUpMs = 30_000;

export function ibmProvider(settings: IbmSettings, session: PlatformSession): Provider {
  const { clock, random, environment } = session;
  const engine = createCodeEngine(settings, session);
  const headers = { [callerHeader]: requiredCallerKey(environment) };
  const address = remembered(async () => {
    const found = await engine.find(AbortSignal.timeout(lookUpMs));
    if (found?.endpoint !== undefined) return found.endpoint;
    throw new FnmeshError("NOT_DEPLOYED", `there is no application ${settings.name} in the project`, {
      hint: "Deploy it first: fnmesh deploy --provider ibm.",
    });
  });
  return httpProvider({
    ...{ name: "ibm", limits: limitsOf(settings), network, rate, clock, random },
    pricedAs: prices(),
    deployedMb: settings.memoryMb,
    request: async ({ invocation }) => ({ url: await address(), method: "POST", body: invocation, headers }),
  });
}
