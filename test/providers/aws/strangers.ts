// What somebody else has on AWS under our names.

import { accountId, type FakeAccount } from "./account.ts";
import { roleArn } from "./iam-api.ts";
import { functionArn } from "./lambda-api.ts";
import { logGroupArn } from "./logs-api.ts";

const tags = { owner: "somebody" };

export const strangers = {
  function({ functions, region }: FakeAccount): void {
    functions.set("fnmesh-dev", {
      name: "fnmesh-dev",
      arn: functionArn(region, "fnmesh-dev"),
      configuration: { Runtime: "nodejs22.x", Handler: "index.handler", MemorySize: 128, Timeout: 3 },
      zip: new Uint8Array(),
      tags,
      changing: { kind: "made", reads: 0 },
      failed: undefined,
      eventConfig: { MaximumRetryAttempts: 2 },
    });
  },
  role({ roles, region }: FakeAccount): void {
    const name = `fnmesh-dev-${region}`;
    roles.set(name, {
      name,
      arn: roleArn(name),
      trust: JSON.stringify({ Version: "2012-10-17", Statement: [{ Principal: { AWS: accountId } }] }),
      description: undefined,
      tags,
      policies: new Map([["fnmesh", "{}"]]),
      hidden: { reads: 0 },
      unbelieved: { reads: 0 },
    });
  },
  "log group"({ logGroups, region }: FakeAccount): void {
    const name = "/aws/lambda/fnmesh-dev";
    logGroups.set(name, { name, arn: logGroupArn(region, name), retentionDays: undefined, tags, events: [] });
  },
} as const;
