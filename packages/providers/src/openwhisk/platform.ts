// Apache OpenWhisk: one's own, or a cloud's, such as Adobe I/O Runtime; IBM Cloud Functions was one.

import { readFile } from "node:fs/promises";
import { builtEntry } from "../kit/built-entry.ts";
import type { Platform } from "../platform.ts";
import { openWhisk } from "./api.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { openWhiskProvider } from "./provider.ts";
import { actionResource } from "./resources.ts";
import { type OpenWhiskSettings, openWhiskSettings } from "./settings.ts";

export const openwhisk: Platform<OpenWhiskSettings> = {
  name: "openwhisk",
  title: "Apache OpenWhisk",
  limits,
  network,
  needs: { packages: ["openwhisk"], tools: [] },
  prices: () => undefined,
  settings: openWhiskSettings,
  async resources(settings, session) {
    const code = await readFile(builtEntry("openwhisk/entry.cjs"), "utf8");
    return [actionResource(settings, code, await openWhisk(settings, session))];
  },
  open: async (settings, session) => openWhiskProvider(settings, await openWhisk(settings, session), session),
};
