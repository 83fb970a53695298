import { FnmeshError } from "@fnmesh/core";
import { nodeClock, nodeEnv, noUsage, type StoreUsage } from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ObjectStore } from "../object-hub/object-store.ts";
import { type StoreServer, startMemcached } from "../testing/servers.ts";
import { createItemStore } from "./item-store.ts";
import { createMemcachedClient } from "./memcached-client.ts";
import { parseMemcachedUrl } from "./memcached-url.ts";
import { usableItemBytes } from "./server-limits.ts";

const signal = AbortSignal.timeout(60_000);
const bytes = seededRandom("objects").bytes(3 * 1024 * 1024);
let server: StoreServer;
let clients: ReturnType<typeof createMemcachedClient>[] = [];
beforeAll(async () => {
  server = await startMemcached();
});
afterAll(async () => {
  for (const client of clients) client.close();
  clients = [];
  await server.stop();
});

function newStore(itemBytes: number, usage: StoreUsage = noUsage()): ObjectStore {
  const address = parseMemcachedUrl(server.url);
  const [writer, reader] = [0, 1].map(() => createMemcachedClient({ address, clock: nodeClock }));
  clients.push(writer!, reader!);
  const parts = { writer: writer!, reader: reader!, shown: address.shown, ttlSeconds: () => 60 };
  return createItemStore({ ...parts, itemBytes, usage, env: nodeEnv() });
}

const counted = async (name: string): Promise<string> => {
  const client = createMemcachedClient({ address: parseMemcachedUrl(server.url), clock: nodeClock });
  let value = "";
  const onLine = (line: string) => {
    value = new RegExp(`^STAT ${name} (.*)$`).exec(line)?.[1] ?? value;
  };
  await client.ask({ parts: [Buffer.from("stats\r\n")], onLine }, noUsage());
  client.close();
  return value;
};

it("gives back any range of an object of several items, wherever it was cut", async () => {
  const random = seededRandom("ranges");
  const store = newStore(1000);
  const object = bytes.subarray(0, 10_500);
  // Parts whose borders are not the items'.
  await store.put("ranges", [object.subarray(0, 1), object.subarray(1, 2700), object.subarray(2700)], signal);
  const ranges = Array.from({ length: 200 }, () => {
    const offset = random.int(0, object.length);
    return { name: "ranges", offset, length: random.int(1, object.length - offset + 1) };
  });
  ranges.push({ name: "ranges", offset: 1000, length: 1000 }, { name: "ranges", offset: 0, length: 10_500 });
  for (const range of ranges) {
    const found = await store.get(range, signal);
    const expected = object.subarray(range.offset, range.offset + range.length);
    expect(Buffer.compare(found, expected), JSON.stringify(range)).toBe(0);
  }
});

it("reads into the memory that it is given", async () => {
  const store = newStore(1024 * 1024);
  await store.put("into", [bytes.subarray(0, 500_000)], signal);
  const into = Buffer.alloc(400_000);
  expect(await store.get({ name: "into", offset: 20, length: 400_000 }, signal, into)).toBe(into);
  expect(Buffer.compare(into, bytes.subarray(20, 400_020))).toBe(0);
});

it("holds the longest value that the server's limit is said to allow", async () => {
  const address = parseMemcachedUrl(server.url);
  const client = createMemcachedClient({ address, clock: nodeClock });
  clients.push(client);
  const itemBytes = await usableItemBytes(client, noUsage(), address.shown);
  expect(itemBytes).toBe(1024 * 1024 - 512);
  const store = newStore(itemBytes);
  const name = `longest${"x".repeat(230)}`;
  await store.put(name, [bytes.subarray(0, itemBytes)], signal);
  expect(await store.get({ name, offset: itemBytes - 1, length: 1 }, signal)).toEqual(
    Buffer.from([bytes[itemBytes - 1]!]),
  );
});

it("removes all items of an object that was read", async () => {
  const store = newStore(1000);
  const before = await counted("curr_items");
  await store.put("removed", [bytes.subarray(0, 5000)], signal);
  expect(await counted("curr_items")).toBe(String(Number(before) + 5));
  await store.get({ name: "removed", offset: 0, length: 5000 }, signal);
  await store.remove(["removed", "never-there"], signal);
  expect(await counted("curr_items")).toBe(before);
});

it("rejects what is not there, or is shorter, with STORE_LOST", async () => {
  const store = newStore(1000);
  await store.put("short", [bytes.subarray(0, 10)], signal);
  for (const range of [
    { name: "nothing", offset: 0, length: 10 },
    { name: "short", offset: 5, length: 6 },
    { name: "short", offset: 0, length: 1001 },
  ]) {
    await expect(store.get(range, signal)).rejects.toMatchObject({ code: "STORE_LOST" });
  }
});

it("counts its commands and bytes, and answers nothing after its end", async () => {
  const usage = noUsage();
  const store = newStore(1000, usage);
  await store.put("counted", [bytes.subarray(0, 2500)], signal);
  await store.get({ name: "counted", offset: 0, length: 2500 }, signal);
  expect(usage).toMatchObject({ commands: 6, writtenBytes: 2500, readBytes: 2500, retries: 0 });
  await store.close();
  await store.close();
  const late = store.get({ name: "counted", offset: 0, length: 1 }, signal);
  await expect(late).rejects.toBeInstanceOf(FnmeshError);
});
