import { Readable } from "node:stream";
import { createVirtualClock } from "@fnmesh/core/testing";
import { describe, expect, test } from "vitest";
import { overWay } from "./over-way.ts";
import { until } from "./waiting.ts";
import { Way } from "./way.ts";

const chunks = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => new Uint8Array(bytes).fill(index));

/** What came out, piece by piece, with its time. */
async function collect(source: AsyncIterable<Uint8Array>, now: () => number) {
  const pieces: { readonly at: number; readonly bytes: number; readonly first: number }[] = [];
  for await (const piece of source) pieces.push({ at: now(), bytes: piece.length, first: piece[0]! });
  return pieces;
}

describe("a stream over a way", () => {
  test("arrives whole and in order, at the way's rate and a latency later", async () => {
    const clock = createVirtualClock({ auto: true });
    const way = new Way({ bytesPerSecond: 1e6, latencyMs: 250 });
    const sent = chunks(100, 50_000);
    const pieces = await collect(overWay(way, clock)(Readable.from(sent)), () => clock.now());
    expect(pieces.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(5_000_000);
    expect(pieces.map(({ first }) => first)).toEqual(
      pieces.map(({ first }) => first).toSorted((a, b) => a - b),
    );
    expect(pieces[0]!.at).toBe(250);
    expect(pieces.at(-1)!.at).toBeGreaterThanOrEqual(250 + 4_950);
    expect(pieces.at(-1)!.at).toBeLessThanOrEqual(250 + 5_000);
  });

  test("shares the way with the others, each in its turn", async () => {
    const clock = createVirtualClock({ auto: true });
    const way = new Way({ bytesPerSecond: 1e6, latencyMs: 10 });
    const streams = [20, 20, 10].map((count) => overWay(way, clock)(Readable.from(chunks(count, 50_000))));
    const all = await Promise.all(streams.map((stream) => collect(stream, () => clock.now())));
    const ends = all.map((pieces) => pieces.at(-1)!.at);
    expect(Math.max(...ends)).toBeLessThanOrEqual(2_510);
    expect(Math.max(...ends)).toBeGreaterThanOrEqual(2_450);
    // The short one has a third of the way until it is through.
    expect(ends[2]!).toBeGreaterThan(1_400);
    expect(ends[2]!).toBeLessThan(1_600);
  });

  test("reads no further ahead than a line would hold, while nobody takes what comes out", async () => {
    const clock = createVirtualClock({ auto: true });
    const way = new Way({ bytesPerSecond: 1e6, latencyMs: 100 });
    let read = 0;
    async function* source() {
      for (const chunk of chunks(200, 10_000)) {
        read += chunk.length;
        yield chunk;
      }
    }
    const stream = overWay(way, clock)(source())[Symbol.asyncIterator]();
    await stream.next();
    await until(clock, clock.now() + 10_000);
    expect(read).toBeLessThanOrEqual(way.holdsBytes + 2 * 10_000);
    let bytes = 10_000;
    for (let next = await stream.next(); !next.done; next = await stream.next()) bytes += next.value.length;
    expect(bytes).toBe(2_000_000);
  });

  test("gives out what came before its source broke, then the source's error", async () => {
    const clock = createVirtualClock({ auto: true });
    const way = new Way({ bytesPerSecond: 1e6, latencyMs: 100 });
    async function* source() {
      yield* chunks(3, 1000);
      throw new Error("broken");
    }
    const got: number[] = [];
    const reading = (async () => {
      for await (const piece of overWay(way, clock)(source())) got.push(piece.length);
    })();
    await expect(reading).rejects.toThrow("broken");
    expect(got).toEqual([1000, 1000, 1000]);
  });

  test("ends its wait, and its source's, when it is aborted", async () => {
    const clock = createVirtualClock();
    const abort = new AbortController();
    const way = new Way({ bytesPerSecond: 1e6, latencyMs: 100 });
    const stream = overWay(way, clock)(Readable.from(chunks(3, 50_000)), { signal: abort.signal });
    const reading = collect(stream, () => clock.now());
    reading.catch(() => {});
    await clock.settle();
    abort.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(clock.pendingTimers()).toEqual([]);
  });
});
