// What happens when a service is overloaded, broken or gone. It is asked through a proxy that makes the faults.

import { noUsage } from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { describe, expect, type TestContext, test } from "vitest";
import type { S3Settings } from "../settings.ts";
import { namesIn, putObject } from "../testing/bucket.ts";
import { pattern } from "../testing/collector.ts";
import type { Fault } from "../testing/fault-proxy.ts";
import { limit, s3Kit } from "../testing/s3-kit.ts";
import { removeAll } from "./remove-all.ts";

const passing: readonly [string, Fault][] = [
  ["503 SlowDown", { status: 503, code: "SlowDown" }],
  ["500 InternalError", { status: 500, code: "InternalError" }],
  ["429", { status: 429 }],
  ["a reset connection", "reset"],
  ["an answer that is cut", "cut"],
  ["no answer", "silence"],
];

/** Most of it is waiting, so the tests wait side by side. */
export function s3FaultsSuite(settings: () => S3Settings): void {
  const kitOf = ({ onTestFinished }: TestContext) =>
    s3Kit(settings, (close) => onTestFinished(close as () => void));

  describe.concurrent("requests", () => {
    test.for(passing)("that meet %s are sent again, and counted", async ([name, fault], context) => {
      const kit = kitOf(context);
      const object = `fnmesh/s/${name.replaceAll(" ", "-")}`;
      const { endpoint } = await kit.proxy((_request, index) => (index % 3 === 2 ? undefined : fault));
      const usage = noUsage();
      const objects = kit.store(kit.client({ endpoint }, { silenceMs: 1_500 }), usage);
      const bytes = pattern(50_000, 3);
      await objects.put(object, [bytes], limit());
      const got = await objects.get({ name: object, offset: 0, length: 50_000 }, limit());
      expect(Buffer.from(got).equals(bytes)).toBe(true);
      expect(usage).toMatchObject({ puts: 3, gets: 3, retries: 4, writtenBytes: 50_000, readBytes: 50_000 });
      await objects.remove([object], limit());
    });

    test("that are changed on the way are refused: over plain HTTP the signature covers the bytes", async (context) => {
      const kit = kitOf(context);
      const { endpoint } = await kit.proxy(({ headers }) => {
        headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return undefined;
      });
      const put = kit.store(kit.client({ endpoint })).put("fnmesh/s/5", [pattern(10, 1)], limit());
      await expect(put).rejects.toMatchObject({ code: "STORE_AUTH" });
    });

    test("without room for them are STORE_FULL, at once", async (context) => {
      const kit = kitOf(context);
      const { endpoint, seen } = await kit.proxy(() => ({ status: 403, code: "QuotaExceeded" }));
      const put = kit.store(kit.client({ endpoint })).put("fnmesh/s/6", [pattern(10, 1)], limit());
      await expect(put).rejects.toMatchObject({ code: "STORE_FULL" });
      expect(seen.length).toBe(1);
    });

    test("to remove go one by one where the service cannot do more", async (context) => {
      const kit = kitOf(context);
      const { endpoint } = await kit.proxy(({ method }) =>
        method === "POST" ? { status: 501, code: "NotImplemented" } : undefined,
      );
      const names = Array.from({ length: 20 }, (_, index) => `fnmesh/one/${index}`);
      for (const object of names) await putObject(kit.settings(), object, "x");
      await removeAll(kit.client({ endpoint }), names, noUsage(), limit());
      expect(await namesIn(kit.settings(), "fnmesh/one/")).toEqual([]);
    });
  });

  describe.concurrent.each(["s3-naive", "s3-combined"] as const)("%s", (rung) => {
    test("comes through a storm in which half of the requests are told to slow down", async (context) => {
      const kit = kitOf(context);
      const random = seededRandom("storm");
      const { endpoint } = await kit.proxy(() =>
        random.unit() < 0.5 ? { status: 503, code: "SlowDown" } : undefined,
      );
      const world = kit.world(rung, { endpoint });
      const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
      const [atA, atB] = [a.end(1), b.end(0)];
      for (let message = 0; message < 40; message += 1) {
        await atA.send(message, pattern(20_000, message));
        await atB.send(message, pattern(10_000, message));
      }
      const frames = await atB.received(40);
      for (const [message, { payload }] of frames.entries())
        expect(Buffer.from(payload).equals(pattern(20_000, message))).toBe(true);
      await atA.received(40);
      expect(a.usage.retries + b.usage.retries).toBeGreaterThan(0);
      await kit.keeper().sweep(world.job, noUsage());
    });

    test("ends the link with STORE_LOST when its object was removed before it was read", async (context) => {
      const kit = kitOf(context);
      const world = kit.world(rung);
      const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
      a.end(1).write(0, pattern(1_000, 0));
      let names: readonly string[] = [];
      while (names.length === 0) names = await namesIn(kit.settings(), `fnmesh/${world.job}/`);
      await removeAll(kit.client(), names, noUsage(), limit());
      expect(await b.end(0).end()).toMatchObject({ code: "STORE_LOST" });
    });
  });

  test.concurrent("all links end with STORE_UNAVAILABLE when the service goes away, in time", async (context) => {
    const kit = kitOf(context);
    const gate = await kit.proxy();
    const world = kit.world("s3-combined", { endpoint: gate.endpoint });
    const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
    const [atA, atB, idle] = [a.end(1), b.end(0), a.end(2)];
    atA.write(0, pattern(1_000, 0));
    await atB.received(1);
    await gate.close();
    const began = Date.now();
    atA.write(1, pattern(1_000, 1));
    expect(await atA.end()).toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await idle.end()).toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(Date.now() - began).toBeLessThan(30_000);
    await kit.keeper().sweep(world.job, noUsage());
  });
}
