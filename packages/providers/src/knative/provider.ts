// Workers on Knative: one request to the service each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { LaunchRequest, Provider } from "@fnmesh/core/internal";
import { callerHeaders } from "../kit/caller-key.ts";
import { httpProvider, usualVerdict } from "../kit/http-provider.ts";
import { createKubectl, type Kubectl } from "../kit/kubectl.ts";
import { podVerdict } from "../kit/pod-verdict.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import { limitsOf } from "./limits.ts";
import { network } from "./network.ts";
import { type KnativeService, kinds } from "./service.ts";
import type { KnativeSettings } from "./settings.ts";

/** Knative holds requests back until their pods are there; this spares a cluster that has to start them. */
const rate = { burst: 100, perSecond: 50 } as const;
const lookUpMs = 30_000;

interface Address {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function knativeProvider(settings: KnativeSettings, session: PlatformSession): Provider {
  const { clock, random, environment } = session;
  const { name, memoryMb } = settings;
  const kubectl = createKubectl(settings, session);
  const address = remembered(() => addressOf(settings, session, kubectl));
  const selector = `serving.knative.dev/service=${name}`;
  const begun = new WeakMap<LaunchRequest, number>();
  return httpProvider({
    ...{ name: "knative", limits: limitsOf(settings), network, rate, clock, random },
    deployedMb: settings.memoryMb,
    async request(launch) {
      const { url, headers } = await address();
      begun.set(launch, Date.now());
      return {
        url,
        method: "POST",
        body: launch.invocation,
        headers: { ...headers, ...callerHeaders(environment) },
      };
    },
    async verdict(answer, launch) {
      const usual = usualVerdict(answer, launch);
      if (usual.kind !== "crashed") return usual;
      return await podVerdict({ kubectl, selector, memoryMb, clock }, begun.get(launch)!, usual);
    },
  });
}

async function addressOf(
  { url, gateway, name, namespace }: KnativeSettings,
  { environment }: PlatformSession,
  kubectl: Kubectl,
): Promise<Address> {
  if (url !== undefined) return { url, headers: {} };
  const found = await kubectl.get<KnativeService>(kinds.service, name, AbortSignal.timeout(lookUpMs));
  const { url: outside, address } = found?.status ?? {};
  const isInside = environment.KUBERNETES_SERVICE_HOST !== undefined;
  const told = isInside && gateway === undefined ? (address?.url ?? outside) : outside;
  if (told === undefined) {
    throw new FnmeshError("NOT_DEPLOYED", `there is no service ${name} in the namespace ${namespace}`, {
      hint: "Deploy it first: fnmesh deploy --provider knative.",
    });
  }
  if (gateway === undefined) return { url: told, headers: {} };
  return { url: gateway, headers: { host: new URL(told).host } };
}
