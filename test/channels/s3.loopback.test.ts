import { driver } from "@fnmesh/stores/s3";
import { afterAll, beforeAll } from "vitest";
import { createBucket } from "../../packages/stores/src/testing/bucket.ts";
import { type S3Server, startRadosgw } from "../../packages/stores/src/testing/radosgw.ts";
import { channelContract } from "./contract.suite.ts";

let server: S3Server;
beforeAll(async () => {
  server = await startRadosgw();
  await createBucket(server.settings);
}, 60_000);
afterAll(() => server.stop());

for (const rung of ["s3-naive", "s3-combined"] as const) {
  channelContract(rung, {
    path: "s3",
    ways: () => ({ channel: rung, settings: { [rung]: server.settings }, drivers: { [rung]: driver } }),
  });
}
