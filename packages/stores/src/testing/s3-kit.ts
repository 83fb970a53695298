// What tests of S3 need around a service: clients, hubs, keepers and faulty proxies that end with the test.

import { setMaxListeners } from "node:events";
import { nodeClock, nodeRandom, noUsage, type StoreKeeper, type StoreUsage } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import { afterEach } from "vitest";
import type { ObjectStore } from "../object-hub/object-store.ts";
import { driver } from "../s3/driver.ts";
import { s3Keeper } from "../s3/keeper.ts";
import { createS3Client, type S3Client, type S3ClientOptions } from "../s3/s3-client.ts";
import { createS3Store } from "../s3/s3-store.ts";
import type { S3Settings } from "../settings.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { createHubWorld, type HubWorld } from "./hub-world.ts";

export interface S3Kit {
  readonly settings: () => S3Settings;
  world(rung: StoreRung, more?: Partial<S3Settings>): HubWorld;
  keeper(): StoreKeeper;
  client(
    more?: Partial<S3Settings>,
    options?: Partial<Pick<S3ClientOptions, "wallClock" | "silenceMs">>,
  ): S3Client;
  store(client?: S3Client, usage?: StoreUsage): ObjectStore;
  proxy(fault?: FaultProxy["fault"]): Promise<FaultProxy>;
}

type AtEnd = (close: () => unknown) => void;

/** For tests that run one after another. To be called once for each file. */
function afterEachTest(): AtEnd {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  return (close) => closing.push(close);
}

/**
 * Closes what was opened when the test ends. Tests that run side by side need a kit each, with what their test's
 * `onTestFinished` does.
 */
export function s3Kit(settings: () => S3Settings, atEnd: AtEnd = afterEachTest()): S3Kit {
  const closed = <T>(made: T, close: (made: T) => unknown): T => {
    atEnd(() => close(made));
    return made;
  };
  const env = { clock: nodeClock, random: nodeRandom };
  const kit: S3Kit = {
    settings,
    world: (rung, more) =>
      closed(createHubWorld({ driver, rung, settings: { ...settings(), ...more } }), (made) =>
        made.destroy(),
      ),
    keeper: () => closed(s3Keeper(settings()), (made) => made.close()),
    client: (more, options) =>
      closed(
        createS3Client({ settings: { ...settings(), ...more }, ...env, mostRequests: 16, ...options }),
        (made) => made.close(),
      ),
    store: (client = kit.client(), usage = noUsage()) => createS3Store(client, usage),
    proxy: async (fault) => {
      const made = closed(await startFaultProxy(settings().endpoint!), (proxy) => proxy.close());
      if (fault !== undefined) made.fault = fault;
      return made;
    },
  };
  return kit;
}

/** Ends whatever hangs, before the test's own limit. */
export function limit(): AbortSignal {
  const signal = AbortSignal.timeout(40_000);
  setMaxListeners(0, signal);
  return signal;
}
