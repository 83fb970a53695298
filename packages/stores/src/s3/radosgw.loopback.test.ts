import { afterAll, beforeAll, describe } from "vitest";
import { s3InputFaultsSuite, s3InputSuite } from "../s3-input/s3-input.suite.ts";
import { namesIn } from "../testing/bucket.ts";
import { hubSuite } from "../testing/hub.suite.ts";
import { canStartRadosgw, type S3Server, startRadosgw } from "../testing/radosgw.ts";
import { s3Kit } from "../testing/s3-kit.ts";
import { driver } from "./driver.ts";
import { s3Keeper } from "./keeper.ts";
import { s3FaultsSuite } from "./s3-faults.suite.ts";
import { s3ServiceSuite } from "./s3-service.suite.ts";

describe.skipIf(!canStartRadosgw())("S3 by radosgw", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startRadosgw();
  });
  afterAll(() => server.stop());

  for (const rung of ["s3-naive", "s3-combined"] as const) {
    hubSuite({
      rung,
      driver,
      async start() {
        const { settings } = server;
        const keeper = s3Keeper(settings);
        const leftovers = (job: string) => namesIn(settings, `fnmesh/${job}/`);
        return { settings, keeper, leftovers, stop: () => keeper.close() };
      },
    });
  }

  const kit = s3Kit(() => server.settings);
  // More than one page of a listing, and more than one removal.
  s3ServiceSuite("radosgw", { kit, removesTogether: true, manyObjects: 1_050 });
  s3FaultsSuite(() => server.settings);
  s3InputSuite("radosgw", { kit, largeBytes: 9_000_000 });
  s3InputFaultsSuite(kit);
});
