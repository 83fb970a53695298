// Workers on Kubeless: one request to the function's service each, which lasts as long as the worker.

import { type LaunchRequest, type Provider, toFnmeshError, type WorkerExit } from "@fnmesh/core/internal";
import { callerHeaders } from "../kit/caller-key.ts";
import { httpProvider, usualVerdict } from "../kit/http-provider.ts";
import { createKubectl } from "../kit/kubectl.ts";
import { podVerdict } from "../kit/pod-verdict.ts";
import type { PlatformSession } from "../platform.ts";
import { limitsOf } from "./limits.ts";
import { network } from "./network.ts";
import type { KubelessSettings } from "./settings.ts";

/** Nothing holds requests back before the pods. */
const rate = { burst: 50, perSecond: 50 } as const;

export function kubelessProvider(settings: KubelessSettings, session: PlatformSession): Provider {
  const { clock, random, environment } = session;
  const { name, url, memoryMb } = settings;
  const kubectl = createKubectl(settings, session);
  const begun = new WeakMap<LaunchRequest, number>();
  const pods = { kubectl, selector: `function=${name}`, memoryMb, clock };
  const ask = (launch: LaunchRequest, otherwise: WorkerExit) =>
    podVerdict(pods, begun.get(launch)!, otherwise);
  return httpProvider({
    ...{ name: "kubeless", limits: limitsOf(settings), network, rate, clock, random },
    deployedMb: settings.memoryMb,
    async request(launch) {
      begun.set(launch, Date.now());
      return { url, method: "POST", body: launch.invocation, headers: callerHeaders(environment) };
    },
    async verdict(answer, launch) {
      const usual = usualVerdict(answer, launch);
      return usual.kind === "crashed" ? await ask(launch, usual) : usual;
    },
    // A service passes connections on, so a pod's end is theirs.
    async broken(thrown, launch) {
      const error = toFnmeshError(thrown, "PROVIDER_UNAVAILABLE").toRecord();
      return await ask(launch, { kind: "crashed", detail: error.message, error });
    },
  });
}
