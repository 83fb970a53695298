import type { StoreConnectOptions, StoreDriver } from "@fnmesh/core/internal";
import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { dilatedClock } from "./dilated-clock.ts";
import { dilatedDrivers } from "./dilated-driver.ts";

test("a dilated clock runs slower by its factor, and so do its timers", async () => {
  const real = createVirtualClock({ startMs: 6_400 });
  const clock = dilatedClock(real, 64);
  expect(clock.now()).toBe(100);
  const fired: number[] = [];
  clock.setTimer(10, () => void fired.push(real.now()));
  clock.setTimer(10, () => expect.unreachable()).cancel();
  await real.advance(1_000);
  expect(fired).toEqual([7_040]);
});

test("a dilated driver gets its own settings, and the job's remaining time as the real store counts it", async () => {
  const got: StoreConnectOptions[] = [];
  const driver = {
    connect: async (options: StoreConnectOptions) => void got.push(options),
  } as unknown as StoreDriver;
  const { redis } = dilatedDrivers({ redis: driver });
  const options = { settings: { dilation: 64, settings: { url: "redis://x" } }, remainingMs: () => 1_000 };
  await redis!.connect(options as unknown as StoreConnectOptions);
  expect(got[0]!.settings).toEqual({ url: "redis://x" });
  expect(got[0]!.remainingMs()).toBe(64_000);
});
