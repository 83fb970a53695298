// Oracle Functions, and Fn on one's own machines.

import type { Platform } from "../platform.ts";
import { fnApi } from "./api.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { oracleProvider } from "./provider.ts";
import { applicationResource, functionResource } from "./resources.ts";
import { type OracleSettings, oracleSettings } from "./settings.ts";

export const oracle: Platform<OracleSettings> = {
  name: "oracle",
  title: "Oracle Functions (Fn)",
  limits,
  network,
  needs: { packages: [], tools: [] },
  prices,
  settings: oracleSettings,
  async resources(settings, session) {
    const api = await fnApi(settings, session);
    return [applicationResource(settings, api, session.clock), functionResource(settings, api)];
  },
  open: async (settings, session) => oracleProvider(settings, await fnApi(settings, session), session),
};
