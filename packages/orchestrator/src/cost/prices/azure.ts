// Azure Functions, East US, on its two consumption plans.

import type { BillingRules, Tariff } from "../tariff.ts";
import { ec2Servers, standingIn } from "./servers.ts";
import { azureBlobHot, elasticacheNode } from "./stores.ts";

const shared = {
  region: "East US",
  stores: { ...azureBlobHot, ...standingIn(elasticacheNode), ...standingIn(ec2Servers) },
  unknown: ["relay-traffic", "zone-traffic", "direct-traffic"],
} as const;

/** The plan bills the memory that was used, in steps of 128 MB; here it is all that was asked for, so at most too much. */
const consumption: BillingRules = {
  granularityMs: 1,
  leastMs: 100,
  memoryStepMb: 128,
  minimumHours: 0,
  leastStoredGb: 0,
};

/** Instances come in these sizes. The times are as recalled. */
const flex: BillingRules = {
  ...consumption,
  granularityMs: 100,
  leastMs: 1000,
  memorySizesMb: [512, 2048, 4096],
};

const guide = "Modal's guide to Azure Functions pricing, East US";

export const azureConsumption: Tariff = {
  title: "Azure",
  region: shared.region,
  rules: consumption,
  prices: {
    compute: { amount: 0.000016, seen: "2025", source: `${guide}, Consumption plan` },
    invocations: { amount: 0.2, seen: "2025", source: `${guide}, Consumption plan` },
    ...shared.stores,
  },
  unknown: shared.unknown,
};

export const azureFlex: Tariff = {
  title: "Azure Flex",
  region: shared.region,
  rules: flex,
  prices: {
    compute: { amount: 0.000026, seen: "2025", source: `${guide}, Flex Consumption plan` },
    invocations: { amount: 0.4, seen: "2025", source: "Flex Consumption plan", recalled: true },
    ...shared.stores,
  },
  unknown: shared.unknown,
};
