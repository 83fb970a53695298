// Workers on OpenFaaS: one request to the gateway each, which lasts as long as the worker.

import type { Provider } from "@fnmesh/core/internal";
import { callerHeaders } from "../kit/caller-key.ts";
import { httpProvider } from "../kit/http-provider.ts";
import type { PlatformSession } from "../platform.ts";
import { createGateway } from "./gateway.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { checkMemory } from "./resources.ts";
import type { OpenFaasSettings } from "./settings.ts";

/** The gateway passes requests on as they come; this spares a cluster that has to start pods for them. */
const rate = { burst: 100, perSecond: 50 } as const;

export function openFaasProvider(settings: OpenFaasSettings, session: PlatformSession): Provider {
  const { gateway: url, name, namespace } = settings;
  const gateway = createGateway(settings, session);
  return httpProvider({
    ...{ name: "openfaas", limits, network, rate, clock: session.clock, random: session.random },
    deployedMb: settings.memoryMb,
    async request({ invocation, memoryMb }) {
      checkMemory(settings, memoryMb);
      const headers = { ...gateway.authorization(), ...callerHeaders(session.environment) };
      return { url: `${url}/function/${name}.${namespace}`, method: "POST", body: invocation, headers };
    },
  });
}
