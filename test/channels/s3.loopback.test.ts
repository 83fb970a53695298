// Both layouts, and input, over Ceph's object gateway.

import { s3Keeper } from "@fnmesh/stores";
import { driver } from "@fnmesh/stores/s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesIn } from "../../packages/stores/src/testing/bucket.ts";
import { canStartRadosgw, type S3Server, startRadosgw } from "../../packages/stores/src/testing/radosgw.ts";
import { channelContract } from "./contract.suite.ts";
import { s3Input } from "./s3-input.suite.ts";

describe.skipIf(!canStartRadosgw())("S3", () => {
  let server: S3Server;

  beforeAll(async () => {
    server = await startRadosgw();
  });
  afterAll(() => server.stop());

  for (const rung of ["s3-naive", "s3-combined"] as const) {
    channelContract(rung, {
      path: "s3",
      ways: () => ({
        channel: rung,
        settings: { [rung]: server.settings },
        drivers: { [rung]: driver },
        keepers: [s3Keeper(server.settings)],
      }),
    });
  }

  s3Input(() => server.settings);

  test("no job has left anything, whatever became of it", async () => {
    expect(await namesIn(server.settings)).toEqual([]);
  });
});
