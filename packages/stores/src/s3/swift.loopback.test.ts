// A second service with a mind of its own. It is slow (every request is several of its servers' requests), so the layout
// with few requests stands for both here.

import { afterAll, beforeAll, describe } from "vitest";
import { s3InputSuite } from "../s3-input/s3-input.suite.ts";
import { namesIn } from "../testing/bucket.ts";
import { hubSuite } from "../testing/hub.suite.ts";
import type { S3Server } from "../testing/radosgw.ts";
import { s3Kit } from "../testing/s3-kit.ts";
import { canStartSwift, startSwift } from "../testing/swift.ts";
import { driver } from "./driver.ts";
import { s3Keeper } from "./keeper.ts";
import { s3ServiceSuite } from "./s3-service.suite.ts";

describe.skipIf(!canStartSwift())("S3 by Swift", () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startSwift();
  });
  afterAll(() => server.stop());

  hubSuite({
    rung: "s3-combined",
    driver,
    async start() {
      const { settings } = server;
      const keeper = s3Keeper(settings);
      const leftovers = (job: string) => namesIn(settings, `fnmesh/${job}/`);
      return { settings, keeper, leftovers, stop: () => keeper.close() };
    },
  });

  const kit = s3Kit(() => server.settings);
  s3ServiceSuite("swift", { kit, removesTogether: true, manyObjects: 60 });
  s3InputSuite("swift", { kit, largeBytes: 3_000_000 });
});
