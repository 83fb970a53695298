// IBM Cloud Code Engine, us-south: an application, whose instances have processor and memory that are paid apart.

import type { Tariff } from "../tariff.ts";

const example = "IBM Cloud Docs (account), cost scenario of a Code Engine application, us-south";

export const ibm: Tariff = {
  title: "IBM",
  region: "us-south",
  rules: {
    // IBM quotes seconds, and does not say how it rounds: so nothing is added here.
    granularityMs: 1,
    leastMs: 1,
    memoryStepMb: 1,
    // The sizes that fnmesh deploys, each with the processors that it deploys with it: the most that there are.
    memorySizesMb: [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 48_000],
    cpus: [
      { upToMb: 250, vcpus: 0.125 },
      { upToMb: 500, vcpus: 0.25 },
      { upToMb: 1000, vcpus: 0.5 },
      { upToMb: 2000, vcpus: 1 },
      { upToMb: 4000, vcpus: 2 },
      { upToMb: 8000, vcpus: 4 },
      { upToMb: 32_000, vcpus: 8 },
      { upToMb: 48_000, vcpus: 12 },
    ],
    gigabyteMb: 1000,
    minimumHours: 0,
    leastStoredGb: 0,
  },
  prices: {
    compute: { amount: 0.00000356, seen: "2025-08-29", source: example },
    "compute-cpu": { amount: 0.00003431, seen: "2025-08-29", source: example },
    // A call each.
    invocations: { amount: 0.538, seen: "2025-08-29", source: example },
    // Deletes are free (IBM Cloud Docs, Object Storage, "Billing").
    "s3-put": { amount: 0.0052, seen: "2025-08-29", source: `${example}: Object Storage, class A` },
    "s3-list": { amount: 0.0052, seen: "2025-08-29", source: `${example}: Object Storage, class A` },
    "s3-stored": { amount: 0.023, seen: "2025-08-29", source: `${example}: Object Storage, Standard` },
  },
  unknown: [
    ...(["s3-get", "redis-node", "memcached-node", "orchestrator", "relay", "address"] as const),
    ...(["relay-traffic", "zone-traffic", "direct-traffic"] as const),
  ],
};
