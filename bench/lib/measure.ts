// The two clocks of the pair scenario, shared by fnmesh and its rivals so that both are timed alike.

import { median } from "./statistics.ts";

export type Measured = Readonly<Record<string, number>>;

/** How long `body` takes, in milliseconds. */
export async function timed(body: () => Promise<void>): Promise<{ readonly ms: number }> {
  const start = performance.now();
  await body();
  return { ms: performance.now() - start };
}

/** The median time of one round trip, in microseconds. */
export async function pingPong(
  count: number,
  roundTrip: () => Promise<void>,
): Promise<{ readonly medianUs: number }> {
  const times = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await roundTrip();
    times[index] = (performance.now() - start) * 1000;
  }
  return { medianUs: median([...times]) };
}
