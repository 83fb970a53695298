// What Lambdas see, in dilated time: each worker behind its own NAT on a link of its own rate, each server behind a proxy
// that keeps its model, fnmesh's own clocks as slow as all that. Processors and the kernel are as fast as ever.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Lab, openLab } from "@fnmesh/netlab";
import { freePort } from "../../packages/stores/src/testing/child-server.ts";
import { type Fnmesh, startFnmesh } from "../lib/fnmesh.ts";
import { cloud, dilated, type ServiceModel } from "../shaping/models.ts";
import { type ProxyProcess, startProxy } from "../shaping/start-proxy.ts";
import { startRelayProcess } from "./relay.ts";
import type { ServiceCounts, Setting, SettingOptions } from "./setting.ts";
import { type Address, startStores } from "./stores.ts";

type Services = Map<string, () => Promise<ServiceCounts>>;

export async function openCloud(options: SettingOptions): Promise<Setting> {
  const { workers, channels, dilation, signal, say, defer } = options;
  const linkRate = cloud.workerBitsPerSecond / dilation;
  const rate = `${(linkRate / 1e6).toFixed(1)} Mbit/s`;
  say(`making a NAT lab: ${workers} workers behind restricted NATs, ${rate} each; times 1/${dilation}`);
  const lab = await openLab({ profile: "restricted", workers, linkRate, signal });
  defer(() => lab.close());
  const stores = await startStores(channels, options);
  const services: Services = new Map();
  const settings: [string, unknown][] = [];
  for (const store of stores) {
    const front = await startFront(cloud[store.service], store.address, lab, options);
    for (const rung of store.rungs) {
      services.set(rung, async () => ({ front: await front.counts(), workMs: store.workMs() }));
      settings.push([rung, { dilation, settings: store.settings(front) }]);
    }
  }
  const relayToken = randomBytes(24).toString("base64url");
  const fnmesh = await startFnmesh({
    host: lab.orchestratorHost,
    place: lab.enter,
    stores: Object.fromEntries(settings),
    relayToken,
    warm: workers,
    slow: { dilation, entry: join(options.bundles, "workers/entry.cjs") },
  });
  defer(() => fnmesh.close());
  if (channels.includes("relay")) await addRelay(services, fnmesh, relayToken, lab, options);
  return {
    fnmesh,
    nat: lab.profile,
    model: { ...cloud, dilation, stores: stores.map(({ about }) => about) },
    service: async (channel) => (await services.get(channel)?.()) ?? {},
  };
}

const loopback = "127.0.0.1";

/** Workers are told the proxy's address: the relay itself listens on loopback, where they do not get. */
async function addRelay(
  services: Services,
  { orchestrator }: Fnmesh,
  token: string,
  lab: Lab,
  options: SettingOptions,
): Promise<void> {
  const target = { host: loopback, port: await freePort() };
  const front = await startFront(cloud.relay, target, lab, options, target.port);
  const { dilation } = options;
  const relay = await startRelayProcess(
    {
      orchestrator: orchestrator.address,
      token,
      listen: target,
      advertise: lab.orchestratorHost,
      dilation,
    },
    options,
  );
  services.set("relay", async () => ({
    front: await front.counts(),
    workMs: (await relay.ask()).processorMs!,
  }));
}

async function startFront(
  model: ServiceModel,
  target: Address,
  { orchestratorHost: host }: Lab,
  { dilation, bundles, defer }: SettingOptions,
  port = 0,
): Promise<ProxyProcess> {
  const program = join(bundles, "shaping/program.mjs");
  const front = await startProxy(program, { host, port, target, model: dilated(model, dilation) });
  defer(() => front.close());
  return front;
}
