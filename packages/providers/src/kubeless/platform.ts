// Kubeless, which nobody has maintained since 2021: for clusters that still have it. Spoken to by kubectl, invoked by
// HTTP.

import { kubectlTool } from "../kit/kubectl.ts";
import type { Platform } from "../platform.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { kubelessProvider } from "./provider.ts";
import { kubelessResources } from "./resources.ts";
import { type KubelessSettings, kubelessSettings } from "./settings.ts";

export const kubeless: Platform<KubelessSettings> = {
  name: "kubeless",
  title: "Kubeless (legacy)",
  limits,
  network,
  needs: { packages: [], tools: [kubectlTool] },
  prices: () => undefined,
  settings: kubelessSettings,
  resources: kubelessResources,
  open: async (settings, session) => kubelessProvider(settings, session),
};
