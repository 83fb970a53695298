// Workers on Google: one HTTPS request to the function each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { LaunchRequest, Provider, WorkerExit } from "@fnmesh/core/internal";
import type { HttpAnswer } from "../kit/http-call.ts";
import { httpProvider, usualVerdict } from "../kit/http-provider.ts";
import { remembered } from "../kit/remembered.ts";
import type { PlatformSession } from "../platform.ts";
import { createGcloud } from "./gcloud.ts";
import { createIdentity } from "./identity.ts";
import { limitsOf } from "./limits.ts";
import { network } from "./network.ts";
import type { GoogleSettings } from "./settings.ts";

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
    async request({ invocation }) {
      const url = await address();
      const headers = { authorization: `Bearer ${await identity.token(url)}` };
      return { url, method: "POST", body: invocation, headers };
    },
    verdict,
  });
}

/** What it says where no instance was free in time (cloud.google.com/run/docs/troubleshooting). */
const noInstance = /no available instance|rate exceeded|scaling/i;

/** Cloud Run's 500 and 503 are also what an instance leaves behind that broke, or used up its memory. */
function verdict(answer: HttpAnswer, launch: LaunchRequest): WorkerExit {
  const { status, text } = answer;
  if (status === 403) {
    throw new FnmeshError("PLATFORM_AUTH", "Google refuses this account at the function", {
      hint: "Grant it the role roles/run.invoker on the function: docs/providers/google.md.",
    });
  }
  if (status !== 500 && status !== 503) return usualVerdict(answer, launch);
  if (noInstance.test(text)) return usualVerdict({ ...answer, status: 429 }, launch);
  const said = text.trim().slice(0, 500);
  return { kind: "crashed", detail: `the instance broke, Cloud Run answered ${status}: ${said}` };
}
