// AWS Lambda, us-east-1, on either kind of processor.

import type { Price } from "../price.ts";
import type { BillingRules, Tariff } from "../tariff.ts";
import { awsTraffic, ec2Servers } from "./servers.ts";
import { elasticacheNode, s3Standard } from "./stores.ts";

/** By the millisecond, from the start of INIT: that too is billed for all since August 2025. */
const rules: BillingRules = {
  granularityMs: 1,
  leastMs: 1,
  memoryStepMb: 1,
  minimumHours: 0,
  leastStoredGb: 0,
};

const lambda = (title: string, compute: Price): Tariff => ({
  title,
  region: "us-east-1",
  rules,
  prices: {
    compute,
    invocations: { amount: 0.2, seen: "2024", source: "AWS Lambda pricing, us-east-1" },
    ...s3Standard,
    ...elasticacheNode,
    ...ec2Servers,
    ...awsTraffic,
  },
  unknown: [],
});

export const awsX86 = lambda("AWS x86", {
  amount: 0.0000166667,
  seen: "2025",
  source: "AWS Lambda pricing, us-east-1, x86, first tier",
});

export const awsArm64 = lambda("AWS arm64", {
  amount: 0.0000133334,
  seen: "2025",
  source: "AWS Lambda pricing, us-east-1, arm64, first tier",
});
