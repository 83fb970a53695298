// A store's driver in dilated time: its clock runs as slow as the store that the bench emulates, so that its time-outs and
// back-offs are in proportion to what it waits for. How much longer the job may run stays in real time: the real store
// forgets by its own clock.

import type { Clock, StoreDriver, StoreDrivers } from "@fnmesh/core/internal";

/** What the bench gives the orchestrator instead of a store's settings. */
export interface DilatedSettings {
  readonly dilation: number;
  readonly settings: unknown;
}

export const dilatedClock = (clock: Clock, factor: number): Clock => ({
  now: () => clock.now() / factor,
  setTimer: (delayMs, callback) => clock.setTimer(delayMs * factor, callback),
});

const dilatedDriver = (driver: StoreDriver): StoreDriver => ({
  connect(options) {
    const { dilation, settings } = options.settings as DilatedSettings;
    const clock = dilatedClock(options.env.clock, dilation);
    return driver.connect({ ...options, settings, env: { ...options.env, clock } });
  },
});

export const dilatedDrivers = (drivers: StoreDrivers): StoreDrivers =>
  Object.fromEntries(Object.entries(drivers).map(([rung, driver]) => [rung, dilatedDriver(driver)]));
