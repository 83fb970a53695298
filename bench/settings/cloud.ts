// What Lambdas see, in dilated time: each worker behind its own NAT on a link of its own rate, each store behind a proxy
// that keeps its model. Everything modelled is slower by the dilation; nothing else is.

import { join } from "node:path";
import { openLab } from "@fnmesh/netlab";
import { startFnmesh } from "../lib/fnmesh.ts";
import { cloud, dilated } from "../shaping/models.ts";
import { type ProxyProcess, startProxy } from "../shaping/start-proxy.ts";
import type { Setting, SettingOptions } from "./setting.ts";
import { type StartedStore, startStores } from "./stores.ts";

export async function openCloud(options: SettingOptions): Promise<Setting> {
  const { workers, channels, dilation, signal, say, defer } = options;
  const linkRate = cloud.workerBitsPerSecond / dilation;
  say(
    `making a NAT lab: ${workers} workers behind restricted NATs, ${(linkRate / 1e6).toFixed(1)} Mbit/s each`,
  );
  const lab = await openLab({ profile: "restricted", workers, linkRate, signal });
  defer(() => lab.close());
  const stores = await startStores(channels, options);
  const services = new Map<string, Service>();
  const settings: [string, unknown][] = [];
  for (const store of stores) {
    const front = await startFront(store, lab.orchestratorHost, options);
    for (const rung of store.rungs) {
      services.set(rung, { store, front });
      settings.push([rung, { dilation, settings: store.settings(front) }]);
    }
  }
  const fnmesh = await startFnmesh({
    host: lab.orchestratorHost,
    place: lab.enter,
    stores: Object.fromEntries(settings),
    warm: workers,
    slow: { dilation, entry: join(options.bundles, "workers/entry.cjs") },
  });
  defer(() => fnmesh.close());
  return {
    fnmesh,
    nat: lab.profile,
    model: { ...cloud, dilation, stores: stores.map(({ about }) => about) },
    async service(channel) {
      const service = services.get(channel);
      if (service === undefined) return {};
      return { front: await service.front.counts(), workMs: service.store.workMs() };
    },
  };
}

interface Service {
  readonly store: StartedStore;
  readonly front: ProxyProcess;
}

async function startFront(
  { service, address }: StartedStore,
  host: string,
  { dilation, bundles, defer }: SettingOptions,
): Promise<ProxyProcess> {
  const program = join(bundles, "shaping/program.mjs");
  const front = await startProxy(program, {
    host,
    target: address,
    model: dilated(cloud[service], dilation),
  });
  defer(() => front.close());
  return front;
}
