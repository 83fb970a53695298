// Workers on Google: one HTTPS request to the function each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { Provider } from "@fnmesh/core/internal";
import { httpProvider } from "../kit/http-provider.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import { createGcloud } from "./gcloud.ts";
import { createIdentity } from "./identity.ts";
import { limitsOf } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import type { GoogleSettings } from "./settings.ts";
import { verdict } from "./verdict.ts";

/** Cloud Run has no limit of requests; it starts instances by the hundred, and refuses what waits too long for one. */
const rate = { burst: 100, perSecond: 50 } as const;
const lookUpMs = 60_000;

export function googleProvider(settings: GoogleSettings, session: PlatformSession): Provider {
  const { environment, clock, random } = session;
  const gcloud = createGcloud(settings, session);
  const identity = createIdentity({ settings, environment, gcloud });
  const address = remembered(async () => {
    const found = await gcloud.find(AbortSignal.timeout(lookUpMs));
    const url = found?.serviceConfig?.uri ?? found?.url;
    if (url !== undefined) return url;
    throw new FnmeshError("NOT_DEPLOYED", `there is no function ${settings.name} in ${settings.region}`, {
      hint: "Deploy it first: fnmesh deploy --provider google.",
    });
  });
  return httpProvider({
    ...{ name: "google", limits: limitsOf(settings), network, rate, clock, random },
    pricedAs: prices(),
    deployedMb: settings.memoryMb,
    async request({ invocation }) {
      const url = await address();
      const headers = { authorization: `Bearer ${await identity.token(url)}` };
      return { url, method: "POST", body: invocation, headers };
    },
    verdict,
  });
}
