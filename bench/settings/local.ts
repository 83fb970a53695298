// As fast as this machine goes: workers, orchestrator and stores on loopback, nothing modelled, no NAT.

import { startFnmesh } from "../lib/fnmesh.ts";
import type { Setting, SettingOptions } from "./setting.ts";
import { startStores } from "./stores.ts";

export async function openLocal(options: SettingOptions): Promise<Setting> {
  const { workers, channels, defer } = options;
  const stores = await startStores(channels, options);
  const settings = stores.flatMap((store) =>
    store.rungs.map((rung) => [rung, { dilation: 1, settings: store.settings(store.address) }]),
  );
  const fnmesh = await startFnmesh({ stores: Object.fromEntries(settings), warm: workers });
  defer(() => fnmesh.close());
  return {
    fnmesh,
    nat: "none",
    model: { network: "loopback, no NAT, nothing modelled", stores: stores.map(({ about }) => about) },
    async service(channel) {
      const store = stores.find(({ rungs }) => rungs.some((rung) => rung === channel));
      return store === undefined ? {} : { workMs: store.workMs() };
    },
  };
}
