// What runs in a worker's process when time is dilated: the local provider's entry, on a slow clock. Every time-out,
// back-off and wait of fnmesh then takes as much of the dilated time as it would take of a cloud's. Where it is told of a
// line, what peers send comes over that line.

import "../../packages/providers/src/local/code-cache.ts";
import net from "node:net";
import { createCodeCache, type Net, nodeEnv, runWorker } from "@fnmesh/core/internal";
import { serve } from "../../packages/providers/src/local/runtime.ts";
import { dilatedClock, dilationVariable } from "../lib/dilated-clock.ts";
import { createInboundLine } from "../shaping/inbound-line.ts";
import { lateNet, lineVariable } from "../shaping/late-net.ts";

const dilation = Number(process.env[dilationVariable] ?? 1);
const real = nodeEnv();
const env = { ...real, net: overLine(), clock: dilatedClock(real.clock, dilation) };
slowSocketTimeouts();
const code = createCodeCache();

serve(async (invocation) => {
  const over = new AbortController();
  try {
    await runWorker({ invocation, env, code, signal: over.signal });
  } finally {
    over.abort();
  }
});

function overLine(): Net {
  const told = process.env[lineVariable];
  if (told === undefined) return real.net;
  const [bytesPerSecond, latencyMs] = told.split(",").map(Number);
  return lateNet(
    real.net,
    createInboundLine(real.clock, { bytesPerSecond: bytesPerSecond!, latencyMs: latencyMs! }),
  );
}

/** Node's own: HTTP clients set them, and would take a store in slow motion for a dead one. */
function slowSocketTimeouts(): void {
  const { setTimeout } = net.Socket.prototype;
  net.Socket.prototype.setTimeout = function (ms, onTimeout) {
    return setTimeout.call(this, ms * dilation, onTimeout);
  };
}
