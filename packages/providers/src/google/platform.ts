// Google Cloud Functions of the second generation, which are Cloud Run services: spoken to by the command gcloud, which
// has the person's login, and invoked by HTTPS.

import type { Platform } from "../platform.ts";
import { gcloudTool } from "./gcloud.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { googleProvider } from "./provider.ts";
import { functionResource } from "./resources.ts";
import { type GoogleSettings, googleSettings } from "./settings.ts";
import { functionSource } from "./source.ts";

export const google: Platform<GoogleSettings> = {
  name: "google",
  title: "Google Cloud Functions",
  limits,
  network,
  needs: { packages: [], tools: [gcloudTool] },
  prices,
  settings: googleSettings,
  resources: async (settings, session) => [functionResource(settings, session, await functionSource())],
  open: async (settings, session) => googleProvider(settings, session),
};
