// As fast as this machine goes: workers, orchestrator and stores on loopback, nothing modelled, no NAT.

import { startFnmesh } from "../lib/fnmesh.ts";
import type { Setting, SettingOptions } from "./setting.ts";
import { startStores } from "./stores.ts";

export async function openLocal(options: SettingOptions): Promise<Setting> {
  const { workers, channels, defer } = options;
  const stores = await startStores(channels, options);
  const settings = stores.map(({ rungs, settings }) =>
    rungs.map((rung) => [rung, { dilation: 1, settings: settings(undefined) }]),
  );
  const fnmesh = await startFnmesh({ stores: Object.fromEntries(settings.flat()), warm: workers });
  defer(() => fnmesh.close());
  return {
    fnmesh,
    nat: "none",
    model: { network: "loopback", stores: stores.map(({ about }) => about) },
    front: async () => undefined,
  };
}
