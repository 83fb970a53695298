// Knative: Services of a cluster of one's own, spoken to by kubectl and invoked by HTTP.

import { kubectlTool } from "../kit/kubectl.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { knativeProvider } from "./provider.ts";
import { knativeResources } from "./resources.ts";
import { type KnativeSettings, knativeSettings } from "./settings.ts";

export const knative: Platform<KnativeSettings> = {
  name: "knative",
  title: "Knative",
  limits,
  network,
  needs: { packages: [], tools: [kubectlTool] },
  prices: () => undefined,
  settings: knativeSettings,
  resources: knativeResources,
  open: async (settings, session) => knativeProvider(settings, session),
};
