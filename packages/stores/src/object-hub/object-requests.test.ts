// What a layout costs: the requests are what is paid for.

import { describe, expect, test } from "vitest";
import { pattern } from "../testing/collector.ts";
import { layouts, objectMesh, patterns, payloads } from "../testing/object-mesh.ts";

describe("requests", () => {
  test("naive: one object for each message, one GET", async () => {
    const { open, close, stores } = objectMesh(3, { layout: layouts.naive });
    for (const to of [1, 2]) {
      const [a, b] = [open(0, to), open(to, 0)];
      for (let message = 0; message < 5; message += 1) await a.send(message, pattern(100, message));
      await b.take(5);
    }
    expect(stores.map(({ usage }) => [usage.puts, usage.gets])).toEqual([
      [10, 0],
      [0, 5],
      [0, 5],
    ]);
    await close();
  });

  test("combined: one object for all that is written at once, one GET for each reader", async () => {
    const { open, close, stores, service } = objectMesh(4, { layout: layouts.combined });
    const readers = [1, 2, 3];
    const links = readers.map((to) => open(0, to));
    const ends = readers.map((to) => open(to, 0));
    for (let message = 0; message < 20; message += 1)
      for (const link of links) await link.send(message, pattern(2_000, message));
    for (const end of ends) expect(payloads(await end.take(20))).toEqual(patterns(Array(20).fill(2_000)));
    expect(stores.map(({ usage }) => [usage.puts, usage.gets])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect(service.objects.size).toBe(1);
    await close();
  });

  test("objects with one reader go when it has them", async () => {
    const { open, close, service } = objectMesh(2, { layout: layouts.perPeer });
    const [a, b] = [open(0, 1), open(1, 0)];
    for (let message = 0; message < 20; message += 1) await a.send(message, pattern(2_000, message));
    await b.take(20);
    await close();
    expect([...service.objects.keys()]).toEqual([]);
  });
});
