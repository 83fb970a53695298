// What the tests of pairs have in common.

import type { Route } from "./pair-shared.ts";

/** The orchestrator's order of that number: over the relay, to worker 1. */
export const routeOf = (route: number): Route => ({
  peer: 1,
  attempt: 0,
  route,
  rung: "relay",
  reason: `why ${route}`,
});
