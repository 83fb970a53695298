// IBM Cloud Code Engine: the generic container as an application. (IBM Cloud Functions, which was OpenWhisk, has ended.)

import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { ibmProvider } from "./provider.ts";
import { applicationResource } from "./resources.ts";
import { type IbmSettings, ibmSettings } from "./settings.ts";

export const ibm: Platform<IbmSettings> = {
  name: "ibm",
  title: "IBM Cloud Code Engine",
  limits,
  network,
  needs: { packages: [], tools: [] },
  prices,
  settings: ibmSettings,
  resources: async (settings, session) => [applicationResource(settings, session)],
  open: async (settings, session) => ibmProvider(settings, session),
};
