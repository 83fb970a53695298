import type { StoreConnectOptions, StoreDriver } from "@fnmesh/core/internal";
import { createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { dilatedDrivers } from "./dilated-driver.ts";

test("a dilated driver gets its own settings, and a clock that runs slower by the dilation", async () => {
  const clock = createVirtualClock({ startMs: 6_400 });
  const got: StoreConnectOptions[] = [];
  const driver = {
    connect: async (options: StoreConnectOptions) => void got.push(options),
  } as unknown as StoreDriver;
  const { redis } = dilatedDrivers({ redis: driver });
  const options = { settings: { dilation: 64, settings: { url: "redis://x" } }, env: { clock } };
  await redis!.connect(options as unknown as StoreConnectOptions);
  expect(got[0]!.settings).toEqual({ url: "redis://x" });
  expect(got[0]!.env.clock.now()).toBe(100);
  const fired: number[] = [];
  got[0]!.env.clock.setTimer(10, () => void fired.push(clock.now()));
  await clock.advance(1_000);
  expect(fired).toEqual([7_040]);
  const cancelled = got[0]!.env.clock.setTimer(10, () => expect.unreachable());
  cancelled.cancel();
  await clock.advance(10_000);
});
