// A whole `Env` for one virtual host.

import type { Clock, Env, Net } from "../env/env.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";
import { createTestLog, type TestLog } from "./test-log.ts";

export interface TestEnv extends Env {
  readonly random: SeededRandom;
  readonly log: TestLog;
}

/**
 * @example
 * const env = createTestEnv({ net: lab.workers[0], clock, seed: "worker 0" });
 */
export const createTestEnv = (parts: {
  readonly net: Net;
  readonly clock: Clock;
  readonly seed: number | string;
}): TestEnv => ({
  net: parts.net,
  clock: parts.clock,
  random: seededRandom(parts.seed),
  log: createTestLog(),
});
