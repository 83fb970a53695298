// Jobs over a real S3 server, from outside and from behind a lab's NATs, where the host that requests are signed for is
// the gate's.

import { labAvailability } from "@fnmesh/netlab";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createBucket, namesIn, putObject } from "../../stores/src/testing/bucket.ts";
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

describe("input in S3", () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} of so many words\n`);
  const files: Readonly<Record<string, string>> = {
    "big.txt": lines.join(""),
    "small/ä b%20+1.txt": "the last line has no end",
    "small/empty.txt": "",
  };
  const bucket = "input-of-tests";

  beforeAll(async () => {
    const settings = { ...server.settings, bucket };
    await createBucket(settings);
    for (const [name, text] of Object.entries(files)) {
      await putObject(settings, `texts/${name}`, text);
      bench.write(`texts/${name}`, text);
    }
    await putObject(settings, "other/unread.txt", "never\n");
  });

  const count = async (...options: string[]) => {
    const { code, stdout, stderr } = await bench.run(
      "run",
      "counts.ts",
      "--workers",
      "3",
      "--json",
      ...options,
    );
    return { code, stderr, report: JSON.parse(stdout) };
  };

  test("is counted as the same words in files are, and its requests are on the bill", async () => {
    const there = await count("--channel", "direct", "--input", `s3://${bucket}/texts/`);
    expect(there).toMatchObject({ code: 0, stderr: "", report: { error: null } });
    const here = await count("--input", "texts/**/*.txt");
    expect(there.report.result).toEqual(here.report.result);
    expect(there.report.result.words).toBe(5_000 * 6 + 6);
    const items = (report: { cost: { lines: { item: string; quantity: number }[] } }) =>
      Object.fromEntries(report.cost.lines.map(({ item, quantity }) => [item, quantity]));
    // The plan: a listing, and a look at each of two cuts. Then a GET for each of the four pieces.
    expect(items(there.report)).toMatchObject({ "s3-list": 1, "s3-get": 2 + 4 });
    expect(items(here.report)["s3-get"]).toBeUndefined();
  });

  test.skipIf(!lab.available)("is read from behind NATs, together with files", async () => {
    bench.write("more.txt", "two more\n");
    const inputs = ["--input", `s3://${bucket}/texts/*.txt`, "--input", "more.txt"];
    const { code, stderr, report } = await count(
      "--nat",
      "restricted",
      "--channel",
      "direct,relay",
      ...inputs,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(report.result.words).toBe(5_000 * 6 + 2);
  });

  test("is read by the workers of an orchestrator elsewhere, which has the keys; files are uploaded", async () => {
    bench.write("more.txt", "two more\n");
    const serving = bench.start("serve");
    const told = /the API is at (http:\S+)/;
    await until("the API's address", () => told.test(serving.stderr()));
    const url = told.exec(serving.stderr())![1]!;
    bench.setVariable("AWS_SECRET_ACCESS_KEY", "");
    const inputs = ["--input", "more.txt", "--input", `s3://${bucket}/texts/*.txt`];
    const there = await count("--orchestrator", url, ...inputs);
    const absent = await count("--orchestrator", url, "--input", "s3://no-such-bucket/logs/");
    bench.setVariable("AWS_SECRET_ACCESS_KEY", server.settings.secretAccessKey);
    serving.child.kill("SIGTERM");
    const { stderr } = await serving.ended;
    expect(there).toMatchObject({ code: 0, stderr: "", report: { error: null } });
    expect(there.report.result.words).toBe(5_000 * 6 + 2);
    expect(absent).toMatchObject({ code: 2, report: { error: { code: "INPUT_NOT_FOUND" } } });
    expect(stderr + JSON.stringify([there, absent])).not.toContain(server.settings.secretAccessKey);
  });

  test("that is not there is told with a hint, as a wrong input", async () => {
    const input = "s3://no-such-bucket/logs/";
    const { code, stderr, stdout } = await bench.run("run", "counts.ts", "--input", input, "--json");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/INPUT_NOT_FOUND.*bucket that does not exist/),
    });
    expect(JSON.parse(stdout).error.hint).toContain("FNMESH_S3_ENDPOINT");
  });
});
