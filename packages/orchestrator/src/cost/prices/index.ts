// The table that comes with fnmesh. Prices change: each says when it was seen and where, and can be overridden.

import type { PriceTable } from "../tariff.ts";
import { awsArm64, awsX86 } from "./aws.ts";
import { azureConsumption, azureFlex } from "./azure.ts";
import { google } from "./google.ts";
import { ibm } from "./ibm.ts";
import { oracle } from "./oracle.ts";

export const shippedPrices = {
  aws: awsX86,
  "aws-arm64": awsArm64,
  azure: azureConsumption,
  "azure-flex": azureFlex,
  google,
  ibm,
  oracle,
} as const satisfies PriceTable;

export type Platform = keyof typeof shippedPrices;
export const platforms = Object.keys(shippedPrices) as readonly Platform[];
export const presetPlatform: Platform = "aws";
