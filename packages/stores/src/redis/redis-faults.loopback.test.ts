// What can happen between a worker and its Redis, with a real one behind a proxy whose connections break.

import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { fastClock } from "../testing/hub-world.ts";
import { askRedis, keysOf } from "../testing/redis-client.ts";
import { expectInOrder, newProxy, newWorld, ownRedis, pairIn, urlOf } from "../testing/redis-world.ts";
import { type StoreServer, startRedis } from "../testing/servers.ts";
import { inboxKey, keysOfJob } from "./redis-keys.ts";

const MiB = 1024 * 1024;
const minute = 60_000;

let shared: StoreServer;
beforeAll(async () => {
  shared = await startRedis();
});
afterAll(() => shared.stop());

it("delivers each frame once, in order, however often its connections are cut", async () => {
  const proxy = await newProxy(shared);
  const { a, b, atA, atB } = await pairIn(newWorld(urlOf(proxy)));
  const sizes = [10, 0, 3_000, 40_000, MiB, 1, 200_000];
  const payloads = Array.from({ length: 150 }, (_, at) => Buffer.alloc(sizes[at % sizes.length]!, `${at} `));
  const total = payloads.reduce((sum, { length }) => sum + length, 0);
  let cuts = 0;
  // By what came, not by time: the cuts fall into the middle of commands and answers.
  const cutNow = () => {
    const share = (atA.frames.length + atB.frames.length) / (2 * payloads.length);
    if (share * 12 < cuts + 1) return;
    cuts += 1;
    proxy.cut();
  };
  const timer = setInterval(cutNow, 1);
  onTestFinished(() => clearInterval(timer));
  await Promise.all(
    [atA, atB].map(async (end) => {
      for (const [message, payload] of payloads.entries()) await end.send(message, payload);
    }),
  );
  await Promise.all([atA.received(payloads.length), atB.received(payloads.length)]);
  expectInOrder(atA, payloads);
  expectInOrder(atB, payloads);
  expect(cuts).toBeGreaterThanOrEqual(8);
  expect(a.usage.retries + b.usage.retries).toBeGreaterThan(0);
  expect(a.usage.writtenBytes).toBeLessThan(total + payloads.length * 100);
  await Promise.all([a.hub.close(), b.hub.close()]);
});

it("survives a server that is away for some seconds", async () => {
  const proxy = await newProxy(shared);
  const { a, atA, atB } = await pairIn(newWorld(urlOf(proxy), { clock: fastClock(2) }));
  proxy.refuse();
  atA.write(0, Buffer.from("meanwhile"));
  const tries = () => a.log.messages("debug").filter((message) => message.includes("again")).length;
  while (tries() < 5) await new Promise(setImmediate);
  proxy.accept();
  await atB.received(1);
  expect(atA.closed).toBeUndefined();
});

it("ends all links with STORE_UNAVAILABLE when the server stays away", async () => {
  const server = await ownRedis();
  const { a, atA, atB } = await pairIn(newWorld(server.url, { clock: fastClock(10) }));
  const other = a.end(2);
  await server.kill();
  for (const end of [atA, atB, other]) {
    const error = await end.end();
    expect(error?.code).toBe("STORE_UNAVAILABLE");
    expect(error?.message).toContain(`127.0.0.1:${server.port}`);
  }
  await a.hub.close();
});

it("ends all links with STORE_LOST when the server was restarted and has lost its data", async () => {
  const server = await ownRedis();
  const { atA, atB } = await pairIn(newWorld(server.url));
  atA.write(0);
  await atB.received(1);
  await server.restart();
  expect((await atA.end())?.code).toBe("STORE_LOST");
  expect((await atB.end())?.code).toBe("STORE_LOST");
});

it("finds out that the server was flushed, though nothing is sent", async () => {
  const server = await ownRedis();
  const { atB } = await pairIn(newWorld(server.url));
  await askRedis(server.url, "FLUSHALL");
  expect((await atB.end())?.code).toBe("STORE_LOST");
});

it("finds out that a peer's inbox was evicted: at its sender, and at its owner", async () => {
  const world = newWorld(shared.url);
  const { b, atA, atB } = await pairIn(world);
  const c = await world.connect(2);
  atA.write(0);
  await atB.received(1);
  await askRedis(shared.url, "DEL", inboxKey(world.job, 1, 1));
  atA.write(1, Buffer.from("lost"));
  await atA.until(() => atA.released === 2);
  // Makes the inbox anew; what A sends next, when that is done, comes with a number that does not follow.
  const atC = c.end(1);
  atC.write(0);
  await atC.until(() => atC.released === 1);
  atA.write(2);
  expect((await atB.end())?.code).toBe("STORE_LOST");
  expect((await atA.end())?.code).toBe("STORE_LOST");
  expect((await b.end(2).end())?.code).toBe("STORE_LOST");
});

it("ends all links with STORE_FULL when the server has no memory left", async () => {
  const server = await ownRedis({ maxmemory: "12mb" });
  const world = newWorld(server.url);
  const a = await world.connect(0);
  const atA = a.end(1);
  const fill = async () => {
    for (let message = 0; message < 64; message += 1) await atA.send(message, Buffer.alloc(MiB));
  };
  await expect(fill()).rejects.toMatchObject({ code: "STORE_FULL" });
  expect((await a.end(2).end())?.code).toBe("STORE_FULL");
  await a.hub.close();
});

it("lets every key expire a little after the job's time", async () => {
  const world = newWorld(shared.url, { remainingMs: () => 10 * minute });
  const { atA, atB } = await pairIn(world);
  for (const end of [atA, atB]) end.write(0);
  for (const end of [atA, atB]) end.write(1);
  const unborn = (await world.connect(2)).end(3);
  unborn.write(0);
  await unborn.until(() => unborn.released === 1);
  await Promise.all([atA.received(2), atB.received(2)]);
  const keys = await keysOf(shared.url, keysOfJob(world.job));
  expect(keys).toHaveLength(5); // Four inboxes and the marker.
  for (const key of keys) {
    const ttlMs = (await askRedis(shared.url, "PTTL", key)) as number;
    expect(ttlMs, key).toBeGreaterThan(9 * minute);
    expect(ttlMs, key).toBeLessThanOrEqual(11 * minute);
  }
});

it("keeps nothing in Redis that was read", async () => {
  const world = newWorld(shared.url);
  const { atA, atB } = await pairIn(world);
  atB.onFrame = ({ header }) => {
    if (header.message % 100 === 99) atB.write(header.message);
  };
  for (let message = 0; message < 1000; message += 1) {
    atA.write(message, Buffer.alloc(30_000));
    if (message % 100 === 99) await atA.received((message + 1) / 100);
  }
  const kept = (await askRedis(shared.url, "MEMORY", "USAGE", inboxKey(world.job, 1, 1))) as number;
  expect(kept).toBeLessThan(6 * MiB); // Of 30 MB: the last answer is trimmed with the next.
});

it("takes a bounded number of bytes for a server that stands still, and can be ended at once", async () => {
  const proxy = await newProxy(shared);
  const { a, atA } = await pairIn(newWorld(urlOf(proxy)));
  proxy.stall();
  const chunk = Buffer.alloc(256 * 1024);
  let written = 0;
  while (atA.link.writable) {
    atA.write(0, chunk);
    written += chunk.length;
    await new Promise(setImmediate);
  }
  expect(written).toBeLessThanOrEqual(5 * MiB);
  expect(a.end(2).link.writable).toBe(false);
  a.hub.destroy();
  expect((await atA.end())?.code).toBe("CLOSED");
});

it("leaves with Redis what a slow reader has not read, and it comes in order", async () => {
  const proxy = await newProxy(shared);
  const world = newWorld(shared.url);
  const a = await world.connect(0);
  const b = await world.connect(1, { settings: { url: urlOf(proxy) } });
  const [atA, atB] = [a.end(1), b.end(0)];
  proxy.stall();
  const payloads = Array.from({ length: 64 }, (_, at) => Buffer.alloc(MiB / 4, `${at} `));
  for (const [message, payload] of payloads.entries()) await atA.send(message, payload);
  await atA.until(() => atA.released === payloads.length); // Redis has it all, and A is free of it.
  expect(atB.frames.length).toBeLessThan(payloads.length);
  proxy.accept();
  await atB.received(payloads.length);
  expectInOrder(atB, payloads);
});
