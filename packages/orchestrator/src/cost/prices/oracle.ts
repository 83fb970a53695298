// Oracle Functions: one price list for all commercial regions.

import type { Price, Prices } from "../price.ts";
import type { Tariff } from "../tariff.ts";

const functions = "Oracle Cloud price list, Functions, as a third party copied it";
const priceApi = "Oracle's price list API, as a third party copied it";

/** Two vCPUs are one OCPU. */
const server: Price = {
  amount: 0.046,
  seen: "2026-01-05",
  source: `${priceApi}: VM.Standard.E5.Flex of 1 OCPU (0.03) and 8 GB (0.002 each)`,
};

/** One price for all kinds; whether deletes have it, nobody says. */
const request: Price = {
  amount: 0.00034,
  seen: "2026",
  source: "Oracle's price list API, as third parties copied it: B91627, Object Storage, quoted by 10,000",
};

const stores: Prices = {
  "s3-put": request,
  "s3-list": request,
  "s3-get": request,
  "s3-stored": { amount: 0.0255, seen: "2026-01-05", source: `${priceApi}: Object Storage, Standard` },
  "redis-node": {
    amount: 0.12416,
    seen: "2026-01-05",
    source: `${priceApi}: B98217, OCI Cache with Redis, 0.0194 a GB, of 6.4 GB as ElastiCache's node`,
  },
};

export const oracle: Tariff = {
  title: "Oracle",
  region: "all commercial regions",
  rules: {
    // Oracle quotes seconds, and does not say how it rounds: so nothing is added here.
    granularityMs: 1,
    leastMs: 1,
    memoryStepMb: 1,
    memorySizesMb: [128, 256, 512, 1024, 2048, 3072],
    minimumHours: 0,
    leastStoredGb: 0,
  },
  prices: {
    compute: { amount: 0.00001417, seen: "2026-09-20", source: `${functions}: execution time` },
    invocations: { amount: 0.2, seen: "2026-09-20", source: `${functions}: invocation` },
    ...stores,
    orchestrator: server,
    relay: server,
    "relay-traffic": {
      amount: 0.0085,
      seen: "2026-01-05",
      source: `${priceApi}: outbound data transfer from North America, Europe and UK; inbound is free`,
    },
  },
  // Oracle has no Memcached of its own.
  unknown: ["s3-delete", "memcached-node", "address", "zone-traffic", "direct-traffic"],
};
