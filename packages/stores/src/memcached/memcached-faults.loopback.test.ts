// What can happen between a worker and its Memcached, with a real one.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { nodeClock, noUsage } from "@fnmesh/core/internal";
import { expect, it, onTestFinished } from "vitest";
import { prefixOf } from "../object-hub/object-name.ts";
import { startCutProxy } from "../testing/cut-proxy.ts";
import { createHubWorld, fastClock, type HubWorld, type HubWorldOptions } from "../testing/hub-world.ts";
import { type MemcachedServerOptions, type StoreServer, startMemcached } from "../testing/servers.ts";
import { driver } from "./driver.ts";
import { createMemcachedClient } from "./memcached-client.ts";
import { parseMemcachedUrl } from "./memcached-url.ts";

const MiB = 1024 * 1024;

const newServer = async (options: MemcachedServerOptions = {}): Promise<StoreServer> => {
  const server = await startMemcached(options);
  onTestFinished(() => server.stop());
  return server;
};
const newWorld = (url: string, more: Partial<HubWorldOptions> = {}): HubWorld => {
  const world = createHubWorld({ rung: "memcached", driver, settings: { url }, ...more });
  onTestFinished(() => world.destroy());
  return world;
};
const urlOf = ({ port }: { readonly port: number }) => `memcached://127.0.0.1:${port}`;

it("delivers each frame once, in order, however often its connections are cut", async () => {
  const server = await newServer();
  const proxy = await startCutProxy(server.port);
  onTestFinished(() => proxy.close());
  const world = newWorld(urlOf(proxy));
  const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
  const [atA, atB] = [a.end(1), b.end(0)];
  const sizes = [10, 0, 40_000, MiB - 2_000, 1, 200_000];
  const payloads = Array.from({ length: 120 }, (_, at) => Buffer.alloc(sizes[at % sizes.length]!, `${at} `));
  let cuts = 0;
  atB.onFrame = ({ header, payload }) => {
    atB.frames.push({ header, payload });
    if (atB.frames.length < 10 * (cuts + 1)) return;
    cuts += 1;
    proxy.cut();
  };
  for (const [message, payload] of payloads.entries()) {
    await atA.send(message, payload);
    await new Promise(setImmediate);
  }
  await atB.received(payloads.length);
  expect(atB.frames.map(({ header }) => header.message)).toEqual(payloads.map((_, message) => message));
  for (const [message, { payload }] of atB.frames.entries()) {
    expect(Buffer.compare(payload, payloads[message]!), `payload ${message}`).toBe(0);
  }
  expect(cuts).toBeGreaterThanOrEqual(8);
  expect(a.usage.retries + b.usage.retries).toBeGreaterThan(0);
});

it("ends a link with STORE_LOST when the server was restarted before its value was read, and no other", async () => {
  const server = await newServer();
  const world = newWorld(server.url);
  const a = await world.connect(0);
  const atA = a.end(1);
  atA.write(0, Buffer.from("never read"));
  await a.hub.close();
  await server.restart();
  const b = await world.connect(1);
  const [atB, other] = [b.end(0), b.end(2)];
  expect((await atB.end())?.code).toBe("STORE_LOST");
  expect(other.closed).toBeUndefined();
});

it("goes on over a restarted server when nothing was on its way", async () => {
  const server = await newServer();
  const world = newWorld(server.url);
  const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
  const [atA, atB] = [a.end(1), b.end(0)];
  atA.write(0, Buffer.from("before"));
  await atB.received(1);
  await server.restart();
  atA.write(1, Buffer.from("after"));
  const frames = await atB.received(2);
  expect(Buffer.from(frames[1]!.payload).toString()).toBe("after");
});

it("finds out that a value was dropped for others", async () => {
  const server = await newServer({ memoryMb: 8 });
  const world = newWorld(server.url);
  const a = await world.connect(0);
  const atA = a.end(1);
  for (let message = 0; message < 64; message += 1) await atA.send(message, Buffer.alloc(MiB / 2));
  await a.hub.close();
  const b = await world.connect(1);
  expect((await b.end(0).end())?.code).toBe("STORE_LOST");
});

it("ends all links with STORE_FULL when the server may drop nothing and has no room", async () => {
  const server = await newServer({ memoryMb: 8, evicts: false });
  const a = await newWorld(server.url).connect(0);
  const [atA, other] = [a.end(1), a.end(2)];
  const fill = async () => {
    for (let message = 0; message < 128; message += 1) await atA.send(message, Buffer.alloc(MiB / 2));
  };
  await expect(fill()).rejects.toMatchObject({ code: "STORE_FULL" });
  expect((await other.end())?.code).toBe("STORE_FULL");
});

it("ends all links with STORE_UNAVAILABLE when the server stays away", async () => {
  const server = await newServer();
  const a = await newWorld(server.url, { clock: fastClock(20) }).connect(0);
  const [atA, other] = [a.end(1), a.end(2)];
  await server.kill();
  atA.write(0, Buffer.from("for nobody"));
  for (const end of [atA, other]) {
    const error = await end.end();
    expect(error?.code).toBe("STORE_UNAVAILABLE");
    expect(error?.message).toContain(`127.0.0.1:${server.port}`);
  }
});

it("does not connect where nothing is, or something else", async () => {
  const server = await newServer();
  await server.stop();
  const silent = createServer((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.1");
  const rude = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await Promise.all([silent, rude].map((some) => once(some, "listening")));
  for (const some of [silent, rude]) onTestFinished(() => void some.close());
  const ports = [server.port, ...[silent, rude].map((some) => (some.address() as AddressInfo).port)];
  for (const port of ports) {
    const world = newWorld(urlOf({ port }), { clock: fastClock(10) });
    await expect(world.connect(0)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  }
});

it("lets every value expire a little after the job's time", async () => {
  const server = await newServer();
  const world = newWorld(server.url, { remainingMs: () => 600_000 });
  const atA = (await world.connect(0)).end(1);
  for (const bytes of [10, MiB - 2_000]) await atA.send(0, Buffer.alloc(bytes));
  await atA.until(() => atA.released === 2);
  // A value of a second hub is in the store when its own notes say so: the hub closes when all is written.
  const c = await world.connect(2);
  c.end(1).write(0, Buffer.alloc(10));
  await c.hub.close();
  const client = createMemcachedClient({ address: parseMemcachedUrl(server.url), clock: nodeClock });
  const expiries: number[] = [];
  const onLine = (line: string) => {
    const [, key, at] = /^key=(\S+) exp=(-?\d+)/.exec(line)!;
    if (decodeURIComponent(key!).startsWith(prefixOf(world.job))) expiries.push(Number(at));
  };
  await client.ask({ parts: [Buffer.from("lru_crawler metadump all\r\n")], onLine }, noUsage());
  client.close();
  expect(expiries.length).toBeGreaterThan(0);
  for (const expiry of expiries) {
    expect(expiry - Date.now() / 1000).toBeGreaterThan(600);
    expect(expiry - Date.now() / 1000).toBeLessThan(670);
  }
});

it("finds out that a value has expired before it was read", async () => {
  const server = await newServer();
  const world = newWorld(server.url);
  const a = await world.connect(0);
  a.end(1).write(0, Buffer.from("too late"));
  await a.hub.close();
  // What an expiry leaves, without the wait: nothing under that name.
  const client = createMemcachedClient({ address: parseMemcachedUrl(server.url), clock: nodeClock });
  await client.ask({ parts: [Buffer.from("flush_all\r\n")] }, noUsage());
  client.close();
  const b = await world.connect(1);
  expect((await b.end(0).end())?.code).toBe("STORE_LOST");
});
