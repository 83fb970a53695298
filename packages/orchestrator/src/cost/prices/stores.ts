// What stores cost: objects, and memory. `use` in a price override takes one of these in place of a platform's own.

import type { ItemName, Prices } from "../price.ts";
import type { BillingRules } from "../tariff.ts";

const s3Page = "Amazon S3 pricing, us-east-1";

export const s3Standard: Prices = {
  "s3-put": { amount: 0.005, seen: "2025", source: s3Page },
  "s3-list": { amount: 0.005, seen: "2025", source: s3Page },
  "s3-get": { amount: 0.0004, seen: "2025", source: s3Page },
  // Not in the text of the price page that was read; worked examples of others have it.
  "s3-stored": { amount: 0.023, seen: "2025", source: s3Page, recalled: true },
};

const expressFaq = "Amazon S3 FAQ, S3 Express One Zone worked example, us-east-1";

export const s3Express: Prices = {
  "s3-put": { amount: 0.00113, seen: "2025", source: expressFaq },
  "s3-list": { amount: 0.00113, seen: "2025", source: "taken to be as PUT", recalled: true },
  "s3-get": { amount: 0.00003, seen: "2025", source: expressFaq },
  "s3-written": { amount: 0.0032, seen: "2025", source: expressFaq },
  "s3-read": { amount: 0.0006, seen: "2025", source: expressFaq },
  "s3-stored": { amount: 0.11, seen: "2025", source: expressFaq },
};

const gcsExamples = "Google Cloud Storage pricing examples, us-east1";

export const gcsStandard: Prices = {
  "s3-put": { amount: 0.005, seen: "2025", source: `${gcsExamples}, class A` },
  "s3-list": { amount: 0.005, seen: "2025", source: `${gcsExamples}, class A` },
  "s3-get": { amount: 0.0004, seen: "2025", source: `${gcsExamples}, class B` },
  "s3-stored": { amount: 0.02, seen: "2025", source: gcsExamples },
};

const blobCalculator = "a third party's Azure Blob calculator, hot LRS, quoted by 10,000";

export const azureBlobHot: Prices = {
  "s3-put": { amount: 0.005, seen: "2023", source: blobCalculator },
  "s3-list": { amount: 0.005, seen: "2023", source: "taken to be as a write", recalled: true },
  "s3-get": { amount: 0.0004, seen: "2023", source: blobCalculator },
  "s3-stored": { amount: 0.0184, seen: "2023", source: blobCalculator },
};

const awsPriceList = "AWS Price List API, us-east-1, as a third party copied it";

/** One node of two cores and 6.4 GB: what a rival of modest size would rent. */
export const elasticacheNode: Prices = {
  "redis-node": {
    amount: 0.149,
    seen: "2026-10-02",
    source: `${awsPriceList}: ElastiCache cache.m6g.large, Redis`,
  },
  "memcached-node": {
    amount: 0.149,
    seen: "2026-10-02",
    source: `${awsPriceList}: cache.m6g.large, Redis; Memcached is taken to be the same`,
  },
};

const serverlessPage = "ElastiCache Serverless pricing, us-east-1";

export const elasticacheServerless: Prices = {
  "redis-units": { amount: 0.0034, seen: "2026", source: serverlessPage },
  "redis-stored": { amount: 0.125, seen: "2026", source: serverlessPage },
  "memcached-units": { amount: 0.0034, seen: "2026", source: serverlessPage },
  "memcached-stored": { amount: 0.125, seen: "2026", source: serverlessPage },
};

const valkeyNode: Prices = {
  "redis-node": {
    amount: 0.1192,
    seen: "2026-10-02",
    source: `${awsPriceList}: ElastiCache cache.m6g.large, Valkey`,
  },
};

const valkeyServerless: Prices = {
  "redis-units": { amount: 0.0023, seen: "2026", source: `${serverlessPage}, Valkey` },
  "redis-stored": { amount: 0.084, seen: "2026", source: `${serverlessPage}, Valkey` },
};

export interface StoreOffer {
  readonly prices: Prices;
  /** Items of the platform's own offer that this one replaces. */
  readonly replaces: readonly ItemName[];
  readonly rules?: Partial<BillingRules>;
}

const objects: readonly ItemName[] = [
  ...(["s3-put", "s3-list", "s3-get", "s3-delete"] as const),
  ...(["s3-written", "s3-read", "s3-stored"] as const),
];
const redis: readonly ItemName[] = ["redis-node", "redis-units", "redis-stored"];
const memcached: readonly ItemName[] = ["memcached-node", "memcached-units", "memcached-stored"];

export const storeOffers = {
  "s3-standard": { prices: s3Standard, replaces: objects },
  "s3-express": { prices: s3Express, replaces: objects },
  "elasticache-node": { prices: elasticacheNode, replaces: [...redis, ...memcached] },
  "elasticache-node-valkey": { prices: valkeyNode, replaces: redis },
  "elasticache-serverless": {
    prices: elasticacheServerless,
    replaces: [...redis, ...memcached],
    rules: { leastStoredGb: 1 },
  },
  "elasticache-serverless-valkey": {
    prices: valkeyServerless,
    replaces: redis,
    rules: { leastStoredGb: 0.1 },
  },
} as const satisfies Record<string, StoreOffer>;

export type StoreOfferName = keyof typeof storeOffers;
export const storeOfferNames = Object.keys(storeOffers) as readonly StoreOfferName[];
