// Google Cloud Run functions, a region of tier 1. Processor and memory are paid apart.

import type { Tariff } from "../tariff.ts";
import { ec2Servers, standingIn } from "./servers.ts";
import { elasticacheNode, gcsStandard } from "./stores.ts";

const page = "Cloud Run pricing, tier 1";

export const google: Tariff = {
  title: "Google",
  region: "us-east1",
  rules: {
    granularityMs: 100,
    leastMs: 100,
    memoryStepMb: 1,
    // Google's table of memory and processor limits, as of September 2025.
    cpus: [
      { upToMb: 128, vcpus: 0.083 },
      { upToMb: 256, vcpus: 0.167 },
      { upToMb: 512, vcpus: 0.333 },
      { upToMb: 1024, vcpus: 0.583 },
      { upToMb: 2048, vcpus: 1 },
      { upToMb: 8192, vcpus: 2 },
      { upToMb: 16_384, vcpus: 4 },
      { upToMb: 32_768, vcpus: 8 },
    ],
    minimumHours: 0,
    leastStoredGb: 0,
  },
  prices: {
    compute: { amount: 0.0000025, seen: "2024", source: page, recalled: true },
    "compute-cpu": { amount: 0.000024, seen: "2024", source: page, recalled: true },
    invocations: { amount: 0.4, seen: "2024", source: page, recalled: true },
    ...gcsStandard,
    ...standingIn(elasticacheNode),
    ...standingIn(ec2Servers),
  },
  unknown: ["relay-traffic", "zone-traffic", "direct-traffic"],
};
