// OpenFaaS, on Kubernetes or as faasd: spoken to by its gateway.

import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { openFaasProvider } from "./provider.ts";
import { functionResource } from "./resources.ts";
import { type OpenFaasSettings, openFaasSettings } from "./settings.ts";

export const openfaas: Platform<OpenFaasSettings> = {
  name: "openfaas",
  title: "OpenFaaS",
  limits,
  network,
  needs: { packages: [], tools: [] },
  prices: () => undefined,
  settings: openFaasSettings,
  resources: async (settings, session) => [functionResource(settings, session)],
  open: async (settings, session) => openFaasProvider(settings, session),
};
