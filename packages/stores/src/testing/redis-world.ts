// A Redis, a proxy and workers for one test, which ends them.

import { expect, onTestFinished } from "vitest";
import { driver } from "../redis/driver.ts";
import { type CutProxy, startCutProxy } from "./cut-proxy.ts";
import { createHubWorld, type HubWorld, type HubWorldOptions, type TestEnd } from "./hub-world.ts";
import { type RedisServerOptions, type StoreServer, startRedis } from "./servers.ts";

export const ownRedis = async (options: RedisServerOptions = {}): Promise<StoreServer> => {
  const server = await startRedis(options);
  onTestFinished(() => server.stop());
  return server;
};
export const newWorld = (url: string, more: Partial<HubWorldOptions> = {}): HubWorld => {
  const world = createHubWorld({ rung: "redis", driver, settings: { url }, ...more });
  onTestFinished(() => world.destroy());
  return world;
};
export const newProxy = async (server: StoreServer): Promise<CutProxy> => {
  const proxy = await startCutProxy(server.port);
  onTestFinished(() => proxy.close());
  return proxy;
};
export const pairIn = async (world: HubWorld) => {
  const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
  return { a, b, atA: a.end(1), atB: b.end(0) };
};
export const urlOf = ({ port }: { readonly port: number }) => `redis://127.0.0.1:${port}`;

export const expectInOrder = (end: TestEnd, payloads: readonly Uint8Array[]) => {
  expect(end.frames.map(({ header }) => header.message)).toEqual(payloads.map((_, message) => message));
  for (const [message, payload] of payloads.entries()) {
    expect(Buffer.compare(end.frames[message]!.payload, payload), `payload ${message}`).toBe(0);
  }
};
