// Settings as a user meets them: a file beside the job, variables over it, and `fnmesh config` to see what is in force.

import { afterAll, afterEach, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const bench = openBench(jobs);
afterAll(() => bench.close());
afterEach(() => {
  expect(bench.leftProcesses()).toEqual([]);
  expect(bench.leftFiles()).toEqual([]);
});

const entries = (stdout: string) =>
  Object.fromEntries(
    (JSON.parse(stdout).settings as { name: string; value: string; from: { kind: string } }[]).map(
      ({ name, value, from }) => [name, [value, from.kind]],
    ),
  );

test("without settings: said so, and auto is direct and relay", async () => {
  const { code, stdout } = await bench.run("config");
  expect(code).toBe(0);
  expect(stdout).toContain("no file: there is no fnmesh.config.ts");
  expect(stdout).toContain("the channel auto is direct, relay\n");
  expect(JSON.parse((await bench.run("config", "--json")).stdout)).toEqual({
    file: null,
    settings: [
      { name: "stage", value: "dev", from: { kind: "default" } },
      { name: "provider", value: "local", from: { kind: "default" } },
    ],
    auto: ["direct", "relay"],
  });
  const none = await bench.run("run", "greets.ts", "--channel", "redis", "--json");
  expect(none.code).toBe(2);
  expect(JSON.parse(none.stdout).error).toMatchObject({
    code: "INVALID_ARGUMENT",
    hint: expect.stringContaining("FNMESH_REDIS_URL"),
  });
});

test("a typed file, from anywhere below it, and variables over it", async () => {
  bench.write(
    "project/fnmesh.config.ts",
    `import { defineConfig } from "fnmesh";
     export default defineConfig({ stores: {
       redis: { url: "redis://ada:canary@cache" },
       s3: { endpoint: "http://127.0.0.1:9000", bucket: "shuffle", accessKeyId: "id", secretAccessKey: "canary" },
     } });`,
  );
  bench.setVariable("FNMESH_REDIS_URL", "redis://:canary@other:7000/1");
  const { stdout, stderr, code } = await bench.run(
    "config",
    "--json",
    "--config",
    "project/fnmesh.config.ts",
  );
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  expect(stdout).not.toContain("canary");
  expect(entries(stdout)).toEqual({
    stage: ["dev", "default"],
    provider: ["local", "default"],
    "stores.redis.url": ["redis://:***@other:7000/1", "environment"],
    "stores.s3.endpoint": ["http://127.0.0.1:9000", "file"],
    "stores.s3.bucket": ["shuffle", "file"],
    "stores.s3.accessKeyId": ["***", "file"],
    "stores.s3.secretAccessKey": ["***", "file"],
    "stores.s3.region": ["us-east-1", "default"],
  });
  expect(JSON.parse(stdout).auto).toEqual(["direct", "relay", "redis", "s3-combined"]);
  bench.setVariable("FNMESH_REDIS_URL", "");
});

test("a job below the file uses it; what is wrong with it is bad usage before anything starts", async () => {
  bench.write("wrong/fnmesh.config.ts", `export default { stores: { redis: { url: "canary" } } };`);
  bench.write("wrong/deep/greets.ts", jobs["greets.ts"]);
  const { code, stdout } = await bench.run("run", "wrong/deep/greets.ts", "--json");
  expect(code).toBe(2);
  const { error } = JSON.parse(stdout);
  expect(error).toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/^stores\.redis\.url in .*wrong\/fnmesh\.config\.ts is no URL/),
  });
  expect(stdout).not.toContain("canary");
  const serve = await bench.run("serve", "--config", "wrong/fnmesh.config.ts");
  expect(serve.code).toBe(2);
  expect(serve.stderr).toContain("INVALID_ARGUMENT: stores.redis.url");
});
