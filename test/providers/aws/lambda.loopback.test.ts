// What runs in Lambda, under AWS's own runtime interface client: the contract of all providers, and what is Lambda's own.

import { describe } from "vitest";
import { providerContract } from "../contract.suite.ts";
import { installedCounterpart } from "../support/counterparts.ts";
import { openTestingLambda } from "./testing-lambda.ts";

const ric = await installedCounterpart("aws-lambda-ric");

describe.skipIf(ric === undefined)("Lambda's own runtime", () => {
  providerContract("AWS Lambda", { start: () => openTestingLambda({ ric: ric!, silentMs: 4_000 }) });
});
