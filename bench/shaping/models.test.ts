import { expect, test } from "vitest";
import { cloud, dilated } from "./models.ts";
import { ObjectFront } from "./object-front.ts";
import { Way } from "./way.ts";

test("a dilated model is the same in slow motion: what it does, it does later by the factor", () => {
  const trace = (factor: number) => {
    const model = dilated(cloud.s3, factor);
    const front = new ObjectFront(model);
    const { up } = front.connection();
    // Ten requests a millisecond for three seconds, of the model's time.
    const times = Array.from({ length: 30_000 }, (_, index) => (index / 10) * factor);
    const admitted = times.filter((now) => front.admits("PUT", now)).length;
    return { admitted, firstByte: front.firstByteAt(7 * factor) / factor, sent: up.send(50e6, 0) / factor };
  };
  const [real, slow] = [trace(1), trace(64)];
  expect(real.admitted).toBe(slow.admitted);
  expect(real.firstByte).toBe(47);
  expect(slow.firstByte).toBeCloseTo(47, 9);
  // A second at the rate, but for what may pass at once.
  expect(real.sent).toBeGreaterThanOrEqual(950);
  expect(slow.sent).toBeGreaterThan(985);
});

test("a front lets its burst pass at once, then its requests a second, and counts what it refuses", () => {
  const front = new ObjectFront(cloud.s3);
  const admit = (method: string, seconds: number) => {
    const times = Array.from({ length: seconds * 10_000 }, (_, index) => index / 10);
    return times.filter((now) => front.admits(method, now)).length;
  };
  // The last request of the two seconds comes a tenth of a millisecond before their end.
  const [writes, reads] = [admit("PUT", 2), admit("GET", 2)];
  expect(Math.round(3_500 * 2.2) - writes).toBeOneOf([0, 1]);
  expect(Math.round(5_500 * 2.2) - reads).toBeOneOf([0, 1]);
  expect(front.counts).toEqual({
    ...{ writes: 20_000, refusedWrites: 20_000 - writes },
    ...{ reads: 20_000, refusedReads: 20_000 - reads },
  });
});

test("a way sends at its rate and holds what its latency lets be on the way", () => {
  const { bitsPerSecond, roundTripMs } = cloud.redis;
  const way = new Way({ bytesPerSecond: bitsPerSecond / 8, latencyMs: roundTripMs / 2 });
  let leavesAt = 0;
  for (let sent = 0; sent < 625e6; sent += 16_384) leavesAt = way.send(16_384, 0);
  expect(leavesAt).toBeGreaterThanOrEqual(950);
  expect(leavesAt).toBeLessThan(1_001);
  expect(way.holdsBytes).toBeGreaterThanOrEqual(625e6 * 0.000_25);
});
