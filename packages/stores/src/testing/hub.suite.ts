// What every store's hub must do, against its real server. To run it over another store, call `hubSuite` in a
// `*.loopback.test.ts` with how to start its server; what only that store does is tested beside it.
//
// The frames are data frames as sessions write them. What a session adds (windows, tags, receivers that take nothing)
// is tested over all channels in test/channels.

import { createHash } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import { noUsage, type StoreDriver, type StoreKeeper } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import { seededRandom } from "@fnmesh/core/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createHubWorld,
  type HubWorld,
  type HubWorldOptions,
  type TestEnd,
  type TestWorker,
} from "./hub-world.ts";

export interface StoreUnderTest {
  readonly settings: unknown;
  readonly keeper: StoreKeeper;
  /** Names of all that the store holds for the job. */
  leftovers(job: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface HubSuiteOptions {
  readonly rung: StoreRung;
  readonly driver: StoreDriver;
  readonly start: () => Promise<StoreUnderTest>;
}

const MiB = 1024 * 1024;
/** Of all that a worker may hold for its store: whatever the layout, far below what a job has. */
const mostHeldBytes = 32 * MiB;

const digest = (parts: Iterable<Uint8Array>): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

export function hubSuite({ rung, driver, start }: HubSuiteOptions): void {
  describe(`the hub of ${rung}`, () => {
    let store: StoreUnderTest;
    let worlds: HubWorld[] = [];
    beforeAll(async () => {
      store = await start();
    });
    afterAll(() => store.stop());
    afterEach(() => {
      for (const world of worlds.splice(0)) world.destroy();
      worlds = [];
    });
    const newWorld = (more: Partial<HubWorldOptions> = {}): HubWorld => {
      const world = createHubWorld({ rung, driver, settings: store.settings, ...more });
      worlds.push(world);
      return world;
    };
    const newPair = async (): Promise<{
      a: TestWorker;
      b: TestWorker;
      atA: TestEnd;
      atB: TestEnd;
      world: HubWorld;
    }> => {
      const world = newWorld();
      const [a, b] = await Promise.all([world.connect(0), world.connect(1)]);
      return { world, a, b, atA: a.end(1), atB: b.end(0) };
    };

    it("carries frames both ways, in order, each once", async () => {
      const { atA, atB } = await newPair();
      const random = seededRandom("both ways");
      const payloads = Array.from({ length: 2000 }, () => random.bytes(random.int(0, 300)));
      await Promise.all(
        [atA, atB].map(async (end) => {
          for (const [message, payload] of payloads.entries()) {
            await end.send(message, payload);
            if (message % 97 === 0) await new Promise(setImmediate);
          }
        }),
      );
      for (const end of [atA, atB]) {
        const frames = await end.received(payloads.length);
        expect(frames.map(({ header }) => header.message)).toEqual(payloads.map((_, message) => message));
        expect(digest(frames.map(({ payload }) => payload))).toBe(digest(payloads));
      }
    });

    it("carries empty frames, and 64 MiB in chunks", async () => {
      const { atA, atB } = await newPair();
      // Of a length that no chunk is a multiple of: each chunk differs.
      const whole = Buffer.alloc(64 * MiB, seededRandom("64 MiB").bytes(99_991));
      const chunk = atA.link.chunkBytes;
      let message = 0;
      await atA.send(message);
      for (let at = 0; at < whole.length; at += chunk) {
        message += 1;
        await atA.send(message, whole.subarray(at, at + chunk));
      }
      message += 1;
      await atA.send(message);
      const frames = await atB.received(message + 1);
      expect(frames[0]!.payload).toHaveLength(0);
      expect(frames.at(-1)!.payload).toHaveLength(0);
      expect(digest(frames.map(({ payload }) => payload))).toBe(digest([whole]));
      await atA.until(() => atA.released === message + 1);
    });

    it("wakes a receiver that waits: a frame there and one back, again and again", async () => {
      const { atA, atB } = await newPair();
      atB.onFrame = ({ header, payload }) => atB.write(header.message, payload);
      for (let message = 0; message < 50; message += 1) {
        atA.write(message, Buffer.from(`message ${message}`));
        const frames = await atA.received(message + 1);
        expect(Buffer.from(frames[message]!.payload).toString()).toBe(`message ${message}`);
      }
    });

    it("connects many to many", async () => {
      const size = 10;
      const world = newWorld({ size });
      const ranks = Array.from({ length: size }, (_, rank) => rank);
      const workers = await Promise.all(ranks.map((rank) => world.connect(rank)));
      const ends = workers.map((worker, rank) =>
        ranks.filter((peer) => peer !== rank).map((peer) => ({ rank, peer, end: worker.end(peer) })),
      );
      const random = seededRandom("many");
      const payload = (from: number, to: number) => Buffer.alloc(20_000, `${from}>${to} `);
      await Promise.all(
        ends.flat().map(async ({ rank, peer, end }) => {
          for (let message = 0; message < 5; message += 1) {
            if (random.int(0, 2) === 0) await new Promise(setImmediate);
            await end.send(message, payload(rank, peer));
          }
        }),
      );
      for (const { rank, peer, end } of ends.flat()) {
        const frames = await end.received(5);
        expect(frames.map(({ header }) => header.message)).toEqual([0, 1, 2, 3, 4]);
        for (const frame of frames) expect(payload(peer, rank).equals(frame.payload)).toBe(true);
      }
    });

    it("keeps what came before the link was opened, and before the peer was there", async () => {
      const world = newWorld();
      const a = await world.connect(0);
      const atA = a.end(1);
      atA.write(0, Buffer.alloc(100_000, 1));
      atA.write(1);
      await atA.until(() => atA.released === 2);
      const b = await world.connect(1);
      const c = await world.connect(2);
      const [fromC, toC] = [c.end(1), b.end(2)];
      // What C sends comes after what A sent, or tells at least that B reads.
      fromC.write(0);
      await toC.received(1);
      atA.write(2, Buffer.from("later"));
      const frames = await b.end(0).received(3);
      expect(frames.map(({ header }) => header.message)).toEqual([0, 1, 2]);
      expect(Buffer.alloc(100_000, 1).equals(frames[0]!.payload)).toBe(true);
    });

    it("gives a link nothing of another attempt", async () => {
      const world = newWorld();
      const old = await world.connect(0, { attempt: 1 });
      const young = await world.connect(0, { attempt: 2 });
      const b = await world.connect(1);
      const [fromOld, fromYoung] = [old.end(1), young.end(1)];
      fromOld.write(7, Buffer.from("old"));
      await fromOld.until(() => fromOld.released === 1);
      fromYoung.write(0, Buffer.from("young"));
      const atB = b.end(0, 2);
      await atB.received(1);
      fromOld.write(8, Buffer.from("old"));
      await fromOld.until(() => fromOld.released === 2);
      fromYoung.write(1);
      const frames = await atB.received(2);
      expect(frames.map(({ header }) => header.message)).toEqual([0, 1]);
    });

    it("ends the link of a peer that is gone, with the error, and no other", async () => {
      const { a, b, atA, atB, world } = await newPair();
      const c = await world.connect(2);
      const [toC, fromC] = [a.end(2), c.end(0)];
      a.hub.gone(1, new FnmeshError("PEER_LOST", "worker 1 was lost", { rank: 1 }));
      expect((await atA.end())?.code).toBe("PEER_LOST");
      atB.write(0);
      await atB.until(() => atB.released === 1);
      fromC.write(0);
      await toC.received(1);
      expect(atA.frames).toHaveLength(0);
      a.hub.gone(3, new FnmeshError("PEER_LOST", "worker 3 was lost", { rank: 3 }));
      expect((await a.end(3).end())?.code).toBe("PEER_LOST");
      await b.hub.close();
    });

    it("holds a bounded number of bytes that the store does not have yet", async () => {
      const { atA, atB } = await newPair();
      const chunk = Buffer.alloc(64 * 1024);
      let written = 0;
      while (atA.link.writable && written < 2 * mostHeldBytes) {
        atA.write(written / chunk.length, chunk);
        written += chunk.length;
      }
      expect(written).toBeLessThanOrEqual(mostHeldBytes);
      await atA.until(() => atA.link.writable);
      await atB.received(written / chunk.length);
    });

    it("delivers what was written when it is closed, and ends its links in order", async () => {
      const { a, b, atA, atB } = await newPair();
      for (let message = 0; message < 300; message += 1) atA.write(message, Buffer.alloc(10_000, message));
      await Promise.all([a.hub.close(), a.hub.close()]);
      expect(atA.closed).toEqual({ error: undefined });
      const frames = await atB.received(300);
      expect(frames.map(({ payload }) => payload[0])).toEqual(frames.map((_, message) => message % 256));
      await b.hub.close();
      expect(await atB.end()).toBeUndefined();
    });

    it("ends all links at once when it is destroyed", async () => {
      const { a, atA } = await newPair();
      const other = a.end(2);
      a.hub.destroy();
      a.hub.destroy();
      expect((await atA.end())?.code).toBe("CLOSED");
      expect((await other.end())?.code).toBe("CLOSED");
      expect((await a.end(3).end())?.code).toBe("CLOSED");
      await a.hub.close();
    });

    it("says what it used", async () => {
      const { a, b, atA, atB } = await newPair();
      await atA.send(0, Buffer.alloc(200_000));
      await atB.received(1);
      expect(a.usage.commands + a.usage.puts).toBeGreaterThan(0);
      expect(b.usage.commands + b.usage.gets).toBeGreaterThan(0);
      expect(a.usage.writtenBytes).toBeGreaterThanOrEqual(200_000);
      expect(a.usage.writtenBytes).toBeLessThan(201_000);
      expect(b.usage.readBytes).toBeGreaterThanOrEqual(200_000);
    });

    it("stops connecting when it is told to", async () => {
      const world = newWorld();
      const reason = new FnmeshError("CANCELLED", "no longer wanted");
      await expect(world.connect(0, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it("leaves nothing: closed hubs and a sweep, and a sweep alone after a crash", async () => {
      for (const crashed of [false, true]) {
        const { a, b, atA, atB, world } = await newPair();
        await store.keeper.lease(world.job, Date.now() + 60_000);
        for (let message = 0; message < 20; message += 1) await atA.send(message, Buffer.alloc(30_000));
        await atB.received(5);
        if (crashed) {
          await atA.until(() => atA.released === 20);
          for (const { hub } of [a, b]) hub.destroy();
          expect(await store.leftovers(world.job)).not.toEqual([]);
        } else {
          await Promise.all([a.hub.close(), b.hub.close()]);
        }
        const usage = noUsage();
        await store.keeper.sweep(world.job, usage);
        expect(await store.leftovers(world.job)).toEqual([]);
        expect(Object.values(usage).some((count) => count > 0)).toBe(true);
        await store.keeper.sweep(world.job, usage);
      }
    });

    it("finds the jobs whose lease has ended, and sweeps no other's", async () => {
      const [old, running] = [newWorld(), newWorld()];
      const now = Date.now();
      await store.keeper.lease(old.job, now - 1);
      await store.keeper.lease(running.job, now + 60_000);
      for (const world of [old, running]) {
        const end = (await world.connect(0)).end(1);
        end.write(0, Buffer.alloc(50_000));
        await end.until(() => end.released === 1);
      }
      const expired = await store.keeper.expired(now);
      expect(expired).toContain(old.job);
      expect(expired).not.toContain(running.job);
      await store.keeper.sweep(old.job, noUsage());
      expect(await store.leftovers(old.job)).toEqual([]);
      expect(await store.leftovers(running.job)).not.toEqual([]);
      expect(await store.keeper.expired(now)).not.toContain(old.job);
      await store.keeper.sweep(running.job, noUsage());
    });
  });
}
