import { createVirtualClock } from "@fnmesh/core/testing";
import { describe, expect, test } from "vitest";
import { createInboundLine } from "./inbound-line.ts";

const line = { bytesPerSecond: 1_000_000, latencyMs: 20 };

describe("what comes over a line", () => {
  test("is handed on when it has passed at the line's rate, and a latency later", async () => {
    const clock = createVirtualClock();
    const inbound = createInboundLine(clock, line);
    const came: [string, number][] = [];
    const carry = (name: string, bytes: number) =>
      inbound.carry(bytes, () => void came.push([name, clock.now()]));
    carry("a", 5_000);
    carry("b", 10_000);
    await clock.advance(100);
    carry("c", 1_000);
    await clock.runUntilIdle();
    // The line was idle before c: what it could have carried meanwhile is lost.
    expect(came).toEqual([
      ["a", 25],
      ["b", 35],
      ["c", 121],
    ]);
  });

  test("does not wait for what is before it any longer than the line does", async () => {
    const clock = createVirtualClock();
    const inbound = createInboundLine(clock, line);
    let bytes = 0;
    for (let at = 0; at < 1_000; at += 10) {
      setTimeoutAt(clock, at, () =>
        inbound.carry(10_000, () => {
          bytes += 10_000;
        }),
      );
    }
    await clock.advance(1_021);
    // A second's worth of the rate in a second and a latency.
    expect(bytes).toBe(1_000_000);
  });

  test("keeps its order where an end weighs nothing, and a delivery may carry more", async () => {
    const clock = createVirtualClock();
    const inbound = createInboundLine(clock, line);
    const came: string[] = [];
    inbound.carry(1_000, () => {
      came.push("bytes");
      inbound.carry(0, () => void came.push("answer"));
    });
    inbound.carry(0, () => void came.push("end"));
    await clock.advance(21);
    expect(came).toEqual(["bytes", "end"]);
    await clock.advance(20);
    expect(came).toEqual(["bytes", "end", "answer"]);
    expect(clock.pendingTimers()).toEqual([]);
  });
});

const setTimeoutAt = (clock: ReturnType<typeof createVirtualClock>, at: number, act: () => void) =>
  void clock.setTimer(at, act);
