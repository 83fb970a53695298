import { afterAll, beforeAll } from "vitest";
import { namesIn } from "../testing/bucket.ts";
import { hubSuite } from "../testing/hub.suite.ts";
import type { S3Server } from "../testing/radosgw.ts";
import { startRadosgw } from "../testing/radosgw.ts";
import { driver } from "./driver.ts";
import { s3Keeper } from "./keeper.ts";
import { s3Suite } from "./s3.suite.ts";

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

s3Suite("radosgw", () => server.settings);
