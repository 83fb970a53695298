// What a platform's front does to invocations, in tests: what real ones do on a bad day, by plan.

import type { Invocation } from "@fnmesh/core/internal";

export interface FaultPlan {
  /** Whether the front refuses the call with this number (from 0 on) as one too many. */
  readonly throttle?: (call: number) => boolean;
  /** How long it holds an invocation back before the function starts. */
  readonly delayMs?: (invocation: Invocation) => number;
  /** Whether it delivers the invocation twice. */
  readonly duplicate?: (invocation: Invocation) => boolean;
  /** Whether it says that it has taken the invocation, and forgets it. */
  readonly lose?: (invocation: Invocation) => boolean;
}

export interface Faults {
  plan: FaultPlan;
  /** Invocations that came to the front, those refused included. */
  readonly calls: number;
  /** How the next one is treated. Counts it. */
  next(invocation: Invocation): {
    readonly throttled: boolean;
    readonly lost: boolean;
    readonly times: 1 | 2;
    readonly delayMs: number;
  };
}

export function createFaults(): Faults {
  let calls = 0;
  const faults: Faults = {
    plan: {},
    get calls() {
      return calls;
    },
    next(invocation) {
      const { throttle, delayMs, duplicate, lose } = faults.plan;
      const call = calls;
      calls += 1;
      return {
        throttled: throttle?.(call) ?? false,
        lost: lose?.(invocation) ?? false,
        times: duplicate?.(invocation) ? 2 : 1,
        delayMs: delayMs?.(invocation) ?? 0,
      };
    },
  };
  return faults;
}
