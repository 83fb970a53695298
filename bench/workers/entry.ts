// What runs in a worker's process when time is dilated: the local provider's entry, on a slow clock. Every time-out,
// back-off and wait of fnmesh then takes as much of the dilated time as it would take of a cloud's.

import "../../packages/providers/src/local/code-cache.ts";
import { createCodeCache, nodeEnv, runWorker } from "@fnmesh/core/internal";
import { serve } from "../../packages/providers/src/local/runtime.ts";
import { dilatedClock, dilationVariable } from "../lib/dilated-clock.ts";

const real = nodeEnv();
const env = { ...real, clock: dilatedClock(real.clock, Number(process.env[dilationVariable] ?? 1)) };
const code = createCodeCache();

serve(async (invocation) => {
  const over = new AbortController();
  try {
    await runWorker({ invocation, env, code, signal: over.signal });
  } finally {
    over.abort();
  }
});
