// As fast as this machine goes: workers, orchestrator, relay and stores on loopback, nothing modelled, no NAT.

import { randomBytes } from "node:crypto";
import { startFnmesh } from "../lib/fnmesh.ts";
import { startRelayProcess } from "./relay.ts";
import type { ServiceCounts, Setting, SettingOptions } from "./setting.ts";
import { startStores } from "./stores.ts";

const host = "127.0.0.1";

export async function openLocal(options: SettingOptions): Promise<Setting> {
  const { workers, channels, defer } = options;
  const stores = await startStores(channels, options);
  const services = new Map<string, () => Promise<ServiceCounts>>();
  const settings: [string, unknown][] = [];
  for (const store of stores) {
    for (const rung of store.rungs) {
      services.set(rung, async () => ({ workMs: store.workMs() }));
      settings.push([rung, { dilation: 1, settings: store.settings(store.address) }]);
    }
  }
  const token = randomBytes(24).toString("base64url");
  const fnmesh = await startFnmesh({
    stores: Object.fromEntries(settings),
    warm: workers,
    relayToken: token,
  });
  defer(() => fnmesh.close());
  if (channels.includes("relay")) {
    const orchestrator = fnmesh.orchestrator.address;
    const listen = { host, port: 0 };
    const relay = await startRelayProcess(
      { orchestrator, token, listen, advertise: host, dilation: 1 },
      options,
    );
    services.set("relay", async () => ({ workMs: (await relay.ask()).processorMs! }));
  }
  return {
    fnmesh,
    nat: "none",
    model: { network: "loopback, no NAT, nothing modelled", stores: stores.map(({ about }) => about) },
    service: async (channel) => (await services.get(channel)?.()) ?? {},
  };
}
