// What the S3 channels must do beside what every hub does, against one real service. Faults that the service has no mind
// to show are made by a proxy before it.

import { nodeClock, nodeRandom, noUsage, type StoreUsage } from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import type { S3Settings } from "../settings.ts";
import { namesIn, putObject } from "../testing/bucket.ts";
import { pattern } from "../testing/collector.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../testing/fault-proxy.ts";
import { createHubWorld, type HubWorld } from "../testing/hub-world.ts";
import { driver } from "./driver.ts";
import { s3Keeper } from "./keeper.ts";
import { removeAll } from "./remove-all.ts";
import { createS3Client, type S3Client } from "./s3-client.ts";
import { createS3Store } from "./s3-store.ts";

const rungs = ["s3-naive", "s3-combined"] as const;

export function s3Suite(name: string, settingsOf: () => S3Settings): void {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const world = (rung: (typeof rungs)[number], more: Partial<S3Settings> = {}): HubWorld => {
    const made = createHubWorld({ driver, rung, settings: { ...settingsOf(), ...more } });
    closing.push(() => made.destroy());
    return made;
  };
  const keeper = () => {
    const made = s3Keeper(settingsOf());
    closing.push(() => made.close());
    return made;
  };
  const client = (
    more: Partial<S3Settings> & { wallClock?: () => number; silenceMs?: number } = {},
  ): S3Client => {
    const { wallClock, silenceMs, ...settings } = more;
    const made = createS3Client({
      settings: { ...settingsOf(), ...settings },
      clock: nodeClock,
      random: nodeRandom,
      mostRequests: 16,
      ...(wallClock === undefined ? {} : { wallClock }),
      ...(silenceMs === undefined ? {} : { silenceMs }),
    });
    closing.push(() => made.close());
    return made;
  };
  const proxy = async (fault?: FaultProxy["fault"]): Promise<FaultProxy> => {
    const made = await startFaultProxy(settingsOf().endpoint!);
    if (fault !== undefined) made.fault = fault;
    closing.push(() => made.close());
    return made;
  };
  const store = (from: S3Client, usage: StoreUsage = noUsage()) => createS3Store(from, usage);
  const signal = () => AbortSignal.timeout(40_000);

  describe(`${name}: objects`, () => {
    test("come back as they were written: whole, in part, and into memory that is there", async () => {
      const objects = store(client());
      const whole = pattern(300_000, 1);
      await objects.put(
        "fnmesh/s/1",
        [whole.subarray(0, 7), whole.subarray(7, 200_000), whole.subarray(200_000)],
        signal(),
      );
      const read = async (offset: number, length: number) =>
        Buffer.from(await objects.get({ name: "fnmesh/s/1", offset, length }, signal()));
      expect((await read(0, 300_000)).equals(whole)).toBe(true);
      expect((await read(0, 1)).equals(whole.subarray(0, 1))).toBe(true);
      expect((await read(123_456, 100_000)).equals(whole.subarray(123_456, 223_456))).toBe(true);
      const memory = Buffer.alloc(5_000);
      expect(
        await objects.get({ name: "fnmesh/s/1", offset: 295_000, length: 5_000 }, signal(), memory),
      ).toBe(memory);
      expect(memory.equals(whole.subarray(295_000))).toBe(true);
      await objects.remove(["fnmesh/s/1"], signal());
    });

    test("that are gone, or shorter than was told, are STORE_LOST", async () => {
      const objects = store(client());
      await objects.put("fnmesh/s/2", [pattern(100, 1)], signal());
      for (const [name, offset, length] of [
        ["fnmesh/s/none", 0, 10],
        ["fnmesh/s/2", 100, 10],
        ["fnmesh/s/2", 95, 10],
        ["fnmesh/s/2", 0, 101],
      ] as const) {
        const lost = objects.get({ name, offset, length }, signal());
        await expect(lost, `${name} ${offset} ${length}`).rejects.toMatchObject({ code: "STORE_LOST" });
      }
      await objects.remove(["fnmesh/s/2", "fnmesh/s/none"], signal());
    });

    test("are removed by many at once, those with odd names too", async () => {
      const from = client();
      const usage = noUsage();
      const names = Array.from({ length: 30 }, (_, index) => `fnmesh/odd/${index} & <b> 'ä'+%20`);
      const objects = store(from);
      await Promise.all(names.map((name) => objects.put(name, [pattern(10, 1)], signal())));
      expect([...(await namesIn(settingsOf(), "fnmesh/odd/"))].sort()).toEqual([...names].sort());
      await removeAll(from, names, usage, signal());
      expect(await namesIn(settingsOf(), "fnmesh/odd/")).toEqual([]);
      expect(usage.deletes).toBeLessThanOrEqual(1);
    });

    test("are removed one by one where the service cannot do more", async () => {
      const { endpoint } = await proxy(({ method }) =>
        method === "POST" ? { status: 501, code: "NotImplemented" } : undefined,
      );
      const names = Array.from({ length: 20 }, (_, index) => `fnmesh/one/${index}`);
      for (const objectName of names) await putObject(settingsOf(), objectName, "x");
      await removeAll(client({ endpoint }), names, noUsage(), signal());
      expect(await namesIn(settingsOf(), "fnmesh/one/")).toEqual([]);
    });
  });

  describe(`${name}: requests`, () => {
    const passing: readonly [string, Fault][] = [
      ["503 SlowDown", { status: 503, code: "SlowDown" }],
      ["500 InternalError", { status: 500, code: "InternalError" }],
      ["429", { status: 429 }],
      ["a reset connection", "reset"],
      ["an answer that is cut", "cut"],
      ["no answer", "silence"],
    ];
    test.each(passing)("that meet %s are sent again, and counted", async (_, fault) => {
      const { endpoint } = await proxy((_request, index) => (index % 3 === 2 ? undefined : fault));
      const usage = noUsage();
      const objects = store(client({ endpoint, silenceMs: 300 }), usage);
      const bytes = pattern(50_000, 3);
      await objects.put("fnmesh/s/3", [bytes], signal());
      const got = await objects.get({ name: "fnmesh/s/3", offset: 0, length: 50_000 }, signal());
      expect(Buffer.from(got).equals(bytes)).toBe(true);
      expect(usage).toMatchObject({ puts: 3, gets: 3, retries: 4, writtenBytes: 50_000, readBytes: 50_000 });
      await objects.remove(["fnmesh/s/3"], signal());
    });

    test("are dated by the service's clock when ours is hours off", async () => {
      const objects = store(client({ wallClock: () => Date.now() + 3 * 3_600_000 }));
      await objects.put("fnmesh/s/4", [pattern(10, 1)], signal());
      await objects.remove(["fnmesh/s/4"], signal());
    });

    test.each([
      [{ accessKeyId: "nobody" }, "STORE_AUTH"],
      [{ secretAccessKey: "wr0ng-secret" }, "STORE_AUTH"],
      [{ sessionToken: "t0ken-of-nobody", accessKeyId: "nobody" }, "STORE_AUTH"],
      [{ bucket: "no-such-bucket" }, "STORE_UNAVAILABLE"],
      [{ endpoint: "http://127.0.0.1:1" }, "STORE_UNAVAILABLE"],
    ] as const)("with %j are refused with a hint, and no secret is told", async (wrong, code) => {
      const error = await world("s3-naive", wrong)
        .connect(0)
        .then(
          () => undefined,
          (thrown: Error & { code: string; hint: string }) => thrown,
        );
      expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
      const told = `${JSON.stringify(error)} ${error?.message} ${error?.stack}`;
      for (const secret of [settingsOf().secretAccessKey, "wr0ng-secret", "t0ken-of-nobody"])
        expect(told).not.toContain(secret);
    });

    test("that change on the way are refused: over plain HTTP the signature covers the bytes", async () => {
      const { endpoint } = await proxy(({ headers }) => {
        headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return undefined;
      });
      const put = store(client({ endpoint })).put("fnmesh/s/5", [pattern(10, 1)], signal());
      await expect(put).rejects.toMatchObject({ code: "STORE_AUTH" });
    });
  });

  describe.each(rungs)(`${name}: %s`, (rung) => {
    test("comes through a storm in which half of the requests are told to slow down", async () => {
      const random = seededRandom("storm");
      const { endpoint } = await proxy(() =>
        random.unit() < 0.5 ? { status: 503, code: "SlowDown" } : undefined,
      );
      const here = world(rung, { endpoint });
      const [a, b] = await Promise.all([here.connect(0), here.connect(1)]);
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
      await keeper().sweep(here.job, noUsage());
    });

    test("ends its links with STORE_UNAVAILABLE when the service goes away, in time", async () => {
      const gate = await proxy();
      const here = world(rung, { endpoint: gate.endpoint });
      const [a, b] = await Promise.all([here.connect(0), here.connect(1)]);
      const [atA, atB, idle] = [a.end(1), b.end(0), a.end(2)];
      atA.write(0, pattern(1_000, 0));
      await atB.received(1);
      await gate.close();
      const began = Date.now();
      atA.write(1, pattern(1_000, 1));
      expect(await atA.end()).toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(await idle.end()).toMatchObject({ code: "STORE_UNAVAILABLE" });
      expect(Date.now() - began).toBeLessThan(30_000);
      await keeper().sweep(here.job, noUsage());
    });

    test("ends the link with STORE_LOST when its object was removed before it was read", async () => {
      const here = world(rung);
      const [a, b] = await Promise.all([here.connect(0), here.connect(1)]);
      const [atA] = [a.end(1)];
      atA.write(0, pattern(1_000, 0));
      const prefix = `fnmesh/${here.job}/`;
      let names: readonly string[] = [];
      while (names.length === 0) names = await namesIn(settingsOf(), prefix);
      await removeAll(client(), names, noUsage(), signal());
      expect(await b.end(0).end()).toMatchObject({ code: "STORE_LOST" });
    });
  });

  describe(`${name}: the keeper`, () => {
    test("sweeps thousands, and finds again what a sweep that was cut off has left", async () => {
      const job = "manyobjects";
      const mine = keeper();
      await mine.lease(job, Date.now() + 60_000);
      const objects = store(client());
      const names = Array.from({ length: 1_100 }, (_, index) => `fnmesh/${job}/0.0/${index}`);
      const queue = [...names];
      const work = async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop())
          await objects.put(next, [pattern(1, 1)], signal());
      };
      await Promise.all(Array.from({ length: 16 }, work));
      const usage = noUsage();
      await mine.sweep(job, usage);
      expect(await namesIn(settingsOf(), `fnmesh/${job}/`)).toEqual([]);
      expect(usage.deletes).toBeLessThanOrEqual(3);
      expect(usage.lists).toBeLessThanOrEqual(4);
      await putObject(settingsOf(), `fnmesh/${job}/0.0/late`, "x");
      expect(await mine.expired(Date.now())).toContain(job);
      await mine.sweep(job, usage);
      expect(await mine.expired(Date.now())).not.toContain(job);
    });

    test("leaves alone what is no job's", async () => {
      const foreign = ["fnmesh/Not a job/1", "fnmeshx/1", "other"];
      for (const objectName of foreign) await putObject(settingsOf(), objectName, "x");
      const mine = keeper();
      for (const job of await mine.expired(Date.now())) await mine.sweep(job, noUsage());
      expect([...(await namesIn(settingsOf()))].sort()).toEqual([...foreign].sort());
      await removeAll(client(), foreign, noUsage(), signal());
    });
  });
}
