// The --json document of a run that ended before there was a job: the same shape as every report, with nothing in it
// but the error.

import type { ErrorRecord, FnmeshError } from "@fnmesh/core";
import type { JobReport } from "@fnmesh/orchestrator";
import { noCost, platforms, presetPlatform, type RunCost, shippedPrices } from "@fnmesh/orchestrator/cost";
import type { RawRunOptions } from "../options/run-options.ts";

/** What was asked for is in the report as it was typed, as far as it is known; of workers there were none. */
export function failedReport(error: FnmeshError, asked?: RawRunOptions): JobReport {
  return {
    job: {
      id: "",
      name: "",
      status: error.code === "CANCELLED" ? "cancelled" : "failed",
      workers: 0,
      provider: asked?.provider ?? "",
      nat: asked?.nat ?? "",
      channel: asked?.channel ?? "auto",
      encrypted: asked?.encrypt ?? true,
    },
    timing: { wallMs: 0, launchMs: 0, connectMs: 0, runMs: 0 },
    pairs: { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 },
    paths: [],
    mappings: [],
    bytes: { direct: 0, relay: 0, store: 0 },
    stages: [],
    cost: costOfNothing(asked?.priceAs),
    emitted: [],
    error: recordOf(error),
    result: null,
  };
}

function costOfNothing(priceAs: string | undefined): RunCost {
  const platform = platforms.find((name) => name === priceAs) ?? presetPlatform;
  // There is nothing to bill: whose prices they would be on is known only with a job's provider.
  return { ...noCost(platform, shippedPrices[platform].title), comparison: true };
}

/** The stack is for whoever mends fnmesh: it goes along with defects only. */
export function recordOf(error: FnmeshError): ErrorRecord {
  const { stack, ...record } = error.toRecord();
  return error.code === "INTERNAL" && stack !== undefined ? { ...record, stack } : record;
}
