// Azure Functions, on the Flex Consumption plan.

import type { Platform } from "../platform.ts";
import { appPackage } from "./app-package.ts";
import { azTool, createAz } from "./cli.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { azureProvider } from "./provider.ts";
import { azureResources } from "./resources.ts";
import { type AzureSettings, azureSettings } from "./settings.ts";

export const azure: Platform<AzureSettings> = {
  name: "azure",
  title: "Azure Functions",
  limits,
  network,
  needs: { packages: [], tools: [azTool] },
  prices,
  settings: azureSettings,
  resources: async (settings, session) =>
    azureResources(settings, createAz(session), await appPackage(settings)),
  open: async (settings, session) => azureProvider(settings, createAz(session), session),
};
