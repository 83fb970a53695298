// Jobs over a real S3 server, from outside and from behind a lab's NATs, where the host that requests are signed for is
// the gate's.

import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { namesIn } from "../../stores/src/testing/bucket.ts";
import { type S3Server, startRadosgw } from "../../stores/src/testing/radosgw.ts";
import { openBench, until } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const lab = await labAvailability();
const bench = openBench(jobs);
let server: S3Server;

beforeAll(async () => {
  server = await startRadosgw();
  const { endpoint, bucket, accessKeyId, secretAccessKey, region } = server.settings;
  const stores = { s3: { endpoint, bucket, region } };
  bench.write("fnmesh.config.ts", `export default ${JSON.stringify({ stores })};`);
  bench.setVariable("AWS_ACCESS_KEY_ID", accessKeyId);
  bench.setVariable("AWS_SECRET_ACCESS_KEY", secretAccessKey);
});
afterAll(async () => {
  bench.close();
  await server?.stop();
});
afterEach(async () => {
  await until("the end of every process", () => bench.leftProcesses().length === 0);
  expect(await namesIn(server.settings)).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

test.each([
  ["s3-naive", "none"],
  ["s3-combined", "none"],
  ...(lab.available ? [["s3-combined", "restricted"]] : []),
])("the channel %s, NAT %s", async (channel, nat) => {
  const options = ["--workers", "3", "--channel", channel, "--nat", nat, "--json"];
  const { code, stdout, stderr } = await bench.run("run", "greets.ts", ...options);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ job: { status: "succeeded" }, pairs: { direct: 0, s3: 3 } });
  expect(code).toBe(0);
});

test("wrong keys are STORE_AUTH, and not in what is told", async () => {
  bench.setVariable("AWS_SECRET_ACCESS_KEY", "canary-b3f1c6");
  const { stdout, stderr } = await bench.run("run", "greets.ts", "--channel", "s3-naive", "--json");
  bench.setVariable("AWS_SECRET_ACCESS_KEY", server.settings.secretAccessKey);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "STORE_AUTH" });
  expect(stdout + stderr).not.toContain("canary-b3f1c6");
});
