// IBM Code Engine, which followed IBM Cloud Functions.

import type { Platform } from "../platform.ts";
import { createCodeEngine, ibmcloudTool } from "./cli.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { ibmProvider } from "./provider.ts";
import { applicationResource } from "./resources.ts";
import { type IbmSettings, ibmSettings } from "./settings.ts";

export const ibm: Platform<IbmSettings> = {
  name: "ibm",
  title: "IBM Code Engine",
  limits,
  network,
  needs: { packages: [], tools: [ibmcloudTool] },
  // No dated source of its prices could be found.
  prices: undefined,
  settings: ibmSettings,
  resources: async (settings, session) => [
    applicationResource(settings, createCodeEngine(settings, session)),
  ],
  open: async (settings, session) => ibmProvider(settings, createCodeEngine(settings, session), session),
};
