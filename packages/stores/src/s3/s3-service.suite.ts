// What a service must do for us, and we for it: asked of each kind of S3 that we know.

import { noUsage } from "@fnmesh/core/internal";
import { describe, expect, test } from "vitest";
import { namesIn, putObject } from "../testing/bucket.ts";
import { pattern } from "../testing/collector.ts";
import { limit, type S3Kit } from "../testing/s3-kit.ts";
import { listObjects } from "./list.ts";
import { removeAll } from "./remove-all.ts";

export interface Service {
  readonly kit: S3Kit;
  /** Whether it removes many objects by one request. */
  readonly removesTogether: boolean;
  /** So many objects a job is swept of. */
  readonly manyObjects: number;
}

export function s3ServiceSuite(name: string, { kit, removesTogether, manyObjects }: Service): void {
  describe(`${name}: objects`, () => {
    test("come back as they were written: whole, in part, and into memory that is there", async () => {
      const objects = kit.store();
      const whole = pattern(300_000, 1);
      const parts = [whole.subarray(0, 7), whole.subarray(7, 200_000), whole.subarray(200_000)];
      await objects.put("fnmesh/s/1", parts, limit());
      const read = async (offset: number, length: number) =>
        Buffer.from(await objects.get({ name: "fnmesh/s/1", offset, length }, limit()));
      expect((await read(0, 300_000)).equals(whole)).toBe(true);
      expect((await read(0, 1)).equals(whole.subarray(0, 1))).toBe(true);
      expect((await read(123_456, 100_000)).equals(whole.subarray(123_456, 223_456))).toBe(true);
      const memory = Buffer.alloc(5_000);
      const last = { name: "fnmesh/s/1", offset: 295_000, length: 5_000 };
      expect(await objects.get(last, limit(), memory)).toBe(memory);
      expect(memory.equals(whole.subarray(295_000))).toBe(true);
      await objects.remove(["fnmesh/s/1"], limit());
    });

    test("that are gone, or shorter than was told, are STORE_LOST", async () => {
      const objects = kit.store();
      await objects.put("fnmesh/s/2", [pattern(100, 1)], limit());
      for (const [object, offset, length] of [
        ["fnmesh/s/none", 0, 10],
        ["fnmesh/s/2", 100, 10],
        ["fnmesh/s/2", 95, 10],
        ["fnmesh/s/2", 0, 101],
      ] as const) {
        const lost = objects.get({ name: object, offset, length }, limit());
        await expect(lost, `${object} ${offset} ${length}`).rejects.toMatchObject({ code: "STORE_LOST" });
      }
      await objects.remove(["fnmesh/s/2", "fnmesh/s/none"], limit());
    });

    test("are removed by many, those with odd names too", async () => {
      const client = kit.client();
      const usage = noUsage();
      const names = Array.from({ length: 30 }, (_, index) => `fnmesh/odd/${index} & <b> 'ä'+%20`);
      for (const object of names) await putObject(kit.settings(), object, "x");
      expect([...(await namesIn(kit.settings(), "fnmesh/odd/"))].sort()).toEqual([...names].sort());
      await removeAll(client, names, usage, limit());
      expect(await namesIn(kit.settings(), "fnmesh/odd/")).toEqual([]);
      if (removesTogether) expect(usage.deletes).toBe(1);
    });
  });

  describe(`${name}: requests`, () => {
    test("are dated by the service's clock when ours is hours off", async () => {
      const objects = kit.store(kit.client({}, { wallClock: () => Date.now() + 3 * 3_600_000 }));
      await objects.put("fnmesh/s/4", [pattern(10, 1)], limit());
      await objects.remove(["fnmesh/s/4"], limit());
    });

    test.each([
      [{ accessKeyId: "nobody" }, "STORE_AUTH"],
      [{ secretAccessKey: "wr0ng-secret" }, "STORE_AUTH"],
      [{ sessionToken: "t0ken-of-nobody", accessKeyId: "nobody" }, "STORE_AUTH"],
      [{ bucket: "no-such-bucket" }, "STORE_UNAVAILABLE"],
      [{ endpoint: "http://127.0.0.1:1" }, "STORE_UNAVAILABLE"],
    ] as const)("with %j are refused with a hint, and no secret is told", async (wrong, code) => {
      const connected = kit.world("s3-naive", wrong).connect(0);
      const error = await connected.then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ code, hint: expect.stringMatching(/\w/) });
      const told = `${JSON.stringify(error)} ${error?.message} ${error?.stack}`;
      for (const secret of [kit.settings().secretAccessKey, "wr0ng-secret", "t0ken-of-nobody"])
        expect(told).not.toContain(secret);
    });
  });

  describe(`${name}: the keeper`, () => {
    test(`sweeps ${manyObjects} objects, and finds again what came after the sweep`, async () => {
      const job = "manyobjects";
      const keeper = kit.keeper();
      await keeper.lease(job, Date.now() + 60_000);
      const objects = kit.store();
      const queue = Array.from({ length: manyObjects }, (_, index) => `fnmesh/${job}/0.0/${index}`);
      const work = async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop())
          await objects.put(next, [pattern(1, 1)], limit());
      };
      await Promise.all(Array.from({ length: 16 }, work));
      const listed = await listObjects({
        ...{ client: kit.client(), prefix: `fnmesh/${job}/0.0/`, usage: noUsage(), signal: limit() },
      });
      expect(new Set(listed.map(({ name }) => name)).size).toBe(manyObjects);
      expect(listed.every(({ bytes, etag }) => bytes === 1 && /^"[^"]+"$/.test(etag))).toBe(true);
      const usage = noUsage();
      await keeper.sweep(job, usage);
      expect(await namesIn(kit.settings(), `fnmesh/${job}/`)).toEqual([]);
      if (removesTogether) expect(usage.deletes).toBeLessThanOrEqual(3);
      expect(usage.lists).toBeLessThanOrEqual(4);
      await putObject(kit.settings(), `fnmesh/${job}/0.0/late`, "x");
      expect(await keeper.expired(Date.now())).toContain(job);
      await keeper.sweep(job, usage);
      expect(await keeper.expired(Date.now())).not.toContain(job);
    });

    test("leaves alone what is no job's", async () => {
      const foreign = ["fnmesh/Not a job/1", "fnmeshx/1", "other"];
      for (const object of foreign) await putObject(kit.settings(), object, "x");
      const keeper = kit.keeper();
      for (const job of await keeper.expired(Number.MAX_VALUE)) await keeper.sweep(job, noUsage());
      expect([...(await namesIn(kit.settings()))].sort()).toEqual([...foreign].sort());
      await removeAll(kit.client(), foreign, noUsage(), limit());
    });
  });
}
