// A store's driver in dilated time. Its clock is slow already, as all of its worker's is; but the real store forgets by
// its own clock, so what the driver asks it to keep until the job's end must be told in real time.

import type { StoreDriver, StoreDrivers } from "@fnmesh/core/internal";

/** What the bench gives the orchestrator instead of a store's settings. */
export interface DilatedSettings {
  readonly dilation: number;
  readonly settings: unknown;
}

const dilatedDriver = (driver: StoreDriver): StoreDriver => ({
  connect(options) {
    const { dilation, settings } = options.settings as DilatedSettings;
    return driver.connect({ ...options, settings, remainingMs: () => options.remainingMs() * dilation });
  },
});

export const dilatedDrivers = (drivers: StoreDrivers): StoreDrivers =>
  Object.fromEntries(Object.entries(drivers).map(([rung, driver]) => [rung, dilatedDriver(driver)]));
