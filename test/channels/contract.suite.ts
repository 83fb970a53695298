// What every channel promises, whatever carries it. One file for each channel runs this against the real thing.

import { createHash } from "node:crypto";
import type { Worker } from "@fnmesh/core";
import type { PathName } from "@fnmesh/core/protocol";
import { describe, expect, test } from "vitest";
import { type Play, type Played, play, type Ways } from "./play.suite.ts";

export interface ContractOptions {
  /** Where `ways` comes from: servers are started before, by the file. */
  readonly ways: () => Ways;
  /** What the report must say of every pair. */
  readonly path: PathName;
}

const mebibyte = 1024 * 1024;

/** Bytes that tell where they belong. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at);
  return bytes;
}
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function expectSuccess({ report }: Played): void {
  expect(report.error).toBeNull();
  expect(report.job.status).toBe("succeeded");
}

export function channelContract(name: string, { ways, path }: ContractOptions): void {
  const run = (workers: number, part: (worker: Worker, play: Play) => Promise<unknown>) =>
    play({ ...ways(), workers, run: part });

  describe(`the channel ${name}`, () => {
    test("delivers in order and once: empty, small and large, on many tags, both ways", async () => {
      const sizes = [0, 1, 3, 700, 16_384, 16_385, 300_000, 0, 2 * mebibyte, 17];
      const tags = 40;
      const played = await run(2, async ({ rank, peers }) => {
        const sends = Array.from({ length: tags }, async (_, tag) => {
          for (const [index, size] of sizes.entries()) {
            await peers.send(1 - rank, pattern(tag % 10 === 0 ? size : size % 2000, index), { tag });
          }
        });
        // Read against the order of sending: tags do not wait for each other.
        for (let tag = tags - 1; tag >= 0; tag -= 1) {
          for (const [index, size] of sizes.entries()) {
            const { value } = await peers.receive<Uint8Array>({ from: 1 - rank, tag });
            const wanted = pattern(tag % 10 === 0 ? size : size % 2000, index);
            if (Buffer.compare(value, wanted) !== 0)
              throw new Error(`tag ${tag}: message ${index} is another`);
          }
        }
        await Promise.all(sends);
        const rest = await peers.receive({ tag: "any", timeoutMs: 200 }).then(
          () => "something came twice",
          (error) => error.code,
        );
        return rest;
      });
      expectSuccess(played);
      expect(["DEADLINE", "PEER_FINISHED"]).toContain(played.report.result);
      const { pairs, bytes } = played.report;
      expect({ ...pairs }).toEqual({ direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0, [path]: 1 });
      const carried = path === "direct" || path === "relay" ? bytes[path] : bytes.store;
      expect(carried).toBeGreaterThan(16 * mebibyte);
    });

    test("carries 64 MiB whole", async () => {
      const size = 64 * mebibyte;
      const played = await run(2, async ({ rank, peers }) => {
        if (rank === 0) {
          const { value } = await peers.receive<Uint8Array>({ from: 1 });
          return { length: value.length, digest: digest(value) };
        }
        await peers.send(0, pattern(size, 9));
        return undefined;
      });
      expectSuccess(played);
      expect(played.report.result).toEqual({ length: size, digest: digest(pattern(size, 9)) });
    });

    test("carries an exchange of all with all, several times", async () => {
      const size = 6;
      const played = await run(size, async ({ rank, peers }) => {
        const ranks = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
        for (let round = 0; round < 3; round += 1) {
          const sends = ranks.map((to) => peers.send(to, pattern(50_000, rank * 100 + to), { tag: round }));
          for (const from of ranks) {
            const { value } = await peers.receive<Uint8Array>({ from, tag: round });
            if (Buffer.compare(value, pattern(50_000, from * 100 + rank)) !== 0) throw new Error("another");
          }
          await Promise.all(sends);
        }
      });
      expectSuccess(played);
      expect(played.report.pairs[path]).toBe((size * (size - 1)) / 2);
    });

    test("holds back a sender whose messages nobody takes", async () => {
      const count = 80;
      const played = await run(2, async ({ rank, peers, barrier }) => {
        if (rank === 1) {
          let sent = 0;
          const all = Array.from({ length: count }, (_, index) =>
            peers.send(0, pattern(mebibyte, index)).then(() => {
              sent += 1;
            }),
          );
          await barrier();
          const before = sent;
          await peers.send(0, before, { tag: 1 });
          await Promise.all(all);
          return undefined;
        }
        // Time for whatever does not wait. The receiver's windows, and what a link may hold, are far less than 80 MiB.
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await barrier();
        for (let index = 0; index < count; index += 1) {
          const { value } = await peers.receive<Uint8Array>({ from: 1 });
          if (Buffer.compare(value, pattern(mebibyte, index)) !== 0) throw new Error(`message ${index}`);
        }
        return (await peers.receive<number>({ from: 1, tag: 1 })).value;
      });
      expectSuccess(played);
      expect(played.report.result).toBeLessThan(count - 20);
    });

    test("streams without end fit through a small window", async () => {
      const played = await run(2, async ({ rank, peers }) => {
        if (rank === 1) {
          const stream = peers.openStream(0, { tag: 5 });
          for (let index = 0; index < 300; index += 1) await stream.write(pattern(40_000, index));
          await stream.end();
          return undefined;
        }
        const hash = createHash("sha256");
        for await (const chunk of peers.readStream(1, { tag: 5 })) hash.update(chunk);
        return hash.digest("hex");
      });
      expectSuccess(played);
      const hash = createHash("sha256");
      for (let index = 0; index < 300; index += 1) hash.update(pattern(40_000, index));
      expect(played.report.result).toBe(hash.digest("hex"));
    });

    test("lets a receive be given up, and the message goes to the next one", async () => {
      const played = await run(2, async ({ rank, peers, barrier }) => {
        if (rank === 1) {
          await barrier();
          await peers.send(0, "late");
          return undefined;
        }
        const given = new AbortController();
        const first = peers.receive({ from: 1, signal: given.signal }).catch((error) => error.message);
        given.abort(new Error("given up"));
        await barrier();
        return [await first, (await peers.receive({ from: 1 })).value];
      });
      expectSuccess(played);
      expect(played.report.result).toEqual(["given up", "late"]);
    });

    test("says goodbye: what was sent before the end still arrives, and who waits for more is told", async () => {
      const played = await run(2, async ({ rank, peers }) => {
        if (rank === 1) {
          void peers.send(0, pattern(3 * mebibyte, 1));
          void peers.send(0, "last words");
          return undefined;
        }
        const { value } = await peers.receive<Uint8Array>({ from: 1 });
        const last = (await peers.receive({ from: 1 })).value;
        const more = await peers.receive({ from: 1 }).catch((error) => error.code);
        return [value.length, last, more];
      });
      expectSuccess(played);
      expect(played.report.result).toEqual([3 * mebibyte, "last words", "PEER_FINISHED"]);
    });

    test("tells of a peer that is gone, within seconds", async () => {
      let killedAt = 0;
      const played = await run(3, async ({ rank, peers }, { kill }) => {
        await Promise.all([0, 1, 2].filter((to) => to !== rank).map((to) => peers.send(to, "hello")));
        for (let count = 0; count < 2; count += 1) await peers.receive();
        if (rank === 0) {
          killedAt = Date.now();
          kill(2);
        }
        await peers.receive({ from: rank === 2 ? 0 : 2 });
      });
      expect(played.report.job.status).toBe("failed");
      expect(Date.now() - killedAt).toBeLessThan(30_000);
    });

    test("is over at once when the job is cancelled, however much is under way", async () => {
      let cancelledAt = 0;
      const played = await run(3, async ({ rank, peers }, { job }) => {
        const sends = [0, 1, 2]
          .filter((to) => to !== rank)
          .flatMap((to) => Array.from({ length: 10 }, () => peers.send(to, pattern(4 * mebibyte, to))));
        for (const send of sends) send.catch(() => {});
        await peers.receive();
        if (rank === 0) {
          cancelledAt = Date.now();
          void job().cancel("enough");
        }
        await Promise.all(sends);
        await peers.receive({ from: (rank + 1) % 3, tag: 77 });
      });
      expect(played.report.job.status).toBe("cancelled");
      expect(Date.now() - cancelledAt).toBeLessThan(20_000);
    });
  });
}
