// `fnmesh trigger` as far as it writes and says: what is refused before anything is written, what is in the folder, what
// the function is told. That it works under Lambda's runtime is test/providers/aws/trigger-function.loopback.test.ts.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FnmeshError } from "@fnmesh/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RawTriggerOptions, triggerPresets } from "../options/trigger-options.ts";
import { fakeHost } from "../testing/fake-host.ts";
import { triggerCommand } from "./trigger.ts";

const template = new URL("../../deploy/trigger/template.yaml", import.meta.url);

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-trigger-"));
  write("words.ts", `export default { fnmesh: 1, async run() { return "done"; } };`);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
const read = (name: string) => readFileSync(join(cwd, name), "utf8");

async function run(change: Partial<RawTriggerOptions> = {}, job = "words.ts") {
  const host = fakeHost({ cwd });
  const raw = { ...triggerPresets, from: "s3", encrypt: true, ...change };
  const code = await triggerCommand(job, raw, template, host);
  return { code, out: host.out(), err: host.err(), json: host.json };
}
const refusal = (change: Partial<RawTriggerOptions>, job?: string): Promise<FnmeshError> =>
  run(change, job).then(
    () => Promise.reject(new Error("not refused")),
    (error) => error,
  );

/** What a caller by HTTP is answered where nothing but the function's own text is looked at. */
async function answerOf(name: string, body: string): Promise<{ statusCode: number; body: string }> {
  const environment = {
    FNMESH_ORCHESTRATOR: "http://127.0.0.1:1",
    FNMESH_TOKEN_SECRET: "arn:aws:ssm:eu-central-1:123456789012:parameter/token",
  };
  Object.assign(process.env, environment);
  try {
    const { handler } = await import(pathToFileURL(join(cwd, name)).href);
    const event = { version: "2.0", body, requestContext: { requestId: "r", http: { method: "POST" } } };
    return await handler(event, { getRemainingTimeInMillis: () => 5_000 });
  } finally {
    for (const variable of Object.keys(environment)) delete process.env[variable];
  }
}

test("says what it has made, and how it is deployed", async () => {
  const { code, out, err } = await run({ output: "my triggers" });
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^words's trigger is in my triggers: function\/index\.mjs \(.* kB\), .*template\.yaml/);
  expect(out).toContain("--template-file 'my triggers/template.yaml' --s3-bucket BUCKET");
  expect(out).toContain("Orchestrator=https://HOST:PORT TokenSecretArn=ARN Bucket=NAME MakeBucket=yes");
  expect(readdirSync(join(cwd, "my triggers")).sort()).toEqual([
    ...[".fnmesh-trigger.json", "function", "job.json", "template.yaml"],
  ]);
  expect(read("my triggers/template.yaml")).toContain("AWS::S3::Bucket");
});

test("the same again is the same, byte for byte; another source takes its place", async () => {
  await run();
  const [code, template] = [read("trigger/function/index.mjs"), read("trigger/template.yaml")];
  await run();
  expect([read("trigger/function/index.mjs"), read("trigger/template.yaml")]).toEqual([code, template]);
  await run({ from: "http" });
  expect(read("trigger/function/index.mjs")).toBe(code);
  expect(read("trigger/template.yaml")).toContain("AWS::Lambda::Url");
});

test("--json is one document, with the presets that each job has", async () => {
  const { json, err } = await run({
    ...{ from: "sqs", workers: "16", param: ["top=20"], memory: "1024", timeout: "60", encrypt: false },
    ...{ channel: "direct,relay", json: true },
  });
  expect(json()).toEqual({
    ...{ name: "words", from: "sqs", folder: join(cwd, "trigger") },
    presets: {
      ...{ workers: 16, provider: "aws", channel: "direct,relay", params: { top: "20" } },
      ...{ memoryMb: 1024, timeoutMs: 60_000, encrypt: false },
    },
    files: ["function/index.mjs", "function/index.mjs.map", "job.json", "template.yaml"].map((path) => ({
      path,
      bytes: expect.any(Number),
    })),
  });
  expect(err).toBe("");
});

test("drivers of stores go along where the channel is left to the orchestrator", async () => {
  const sizeWith = async (channel: string) => {
    await run({ channel });
    return read("trigger/function/index.mjs").length;
  };
  const [without, all] = [await sizeWith("direct,relay"), await sizeWith("auto")];
  expect(all).toBeGreaterThan(without + 20_000);
});

describe("the function", () => {
  test("loads by its text alone, asks its own map, and else takes the preset", async () => {
    write(
      "map.ts",
      `import { kept, type TriggerItem } from "fnmesh/trigger";
       import legacy from "./legacy.cjs";
       export default (item: TriggerItem) =>
         item.from === "http" && item.body === legacy.nothing && typeof kept === "function" ? undefined : {};`,
    );
    write("legacy.cjs", `module.exports = { nothing: require("node:path").join("no", "thing") };`);
    await run({ from: "http", map: "map.ts", output: "mapped" });
    expect(await answerOf("mapped/function/index.mjs", "no/thing")).toMatchObject({ statusCode: 204 });
    await run({ from: "http" });
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const { statusCode, body } = await answerOf("trigger/function/index.mjs", "no/thing");
    expect([statusCode, JSON.parse(body).error.message]).toEqual([400, "the body is no JSON object"]);
    expect(said).toHaveBeenCalledOnce();
    said.mockRestore();
  });

  test("has the job that is beside it, for handlers of the user's own", async () => {
    await run();
    const job = JSON.parse(read("trigger/job.json"));
    expect(job).toEqual({ name: "words", code: expect.stringContaining("done"), modules: expect.any(Array) });
    expect(read("trigger/function/index.mjs")).toContain(`name:"words"`);
  });

  test("has its lines in the map beside it", async () => {
    write("map.ts", "export default () => undefined;");
    await run({ map: "map.ts" });
    expect(read("trigger/function/index.mjs").trimEnd()).toMatch(/\n\/\/# sourceMappingURL=index\.mjs\.map$/);
    expect(JSON.parse(read("trigger/function/index.mjs.map")).sources).toContain("map.ts");
  });
});

describe("refuses, and writes nothing:", () => {
  afterEach(() => expect(existsSync(join(cwd, "trigger"))).toBe(false));

  test.each([
    [{ from: "s4" }, "USAGE", 'there is no source of events "s4"'],
    [{ workers: "0" }, "LIMIT", "--workers 0"],
    [{ provider: "asw" }, "UNKNOWN_PROVIDER", "asw"],
    [{ channel: "carrier-pigeon" }, "UNKNOWN_CHANNEL", "carrier-pigeon"],
    [{ output: " " }, "USAGE", "--output takes a folder"],
    [{ map: "absent.ts" }, "USAGE", "there is no map at absent.ts"],
  ])("%j is %s", async (change, code, message) => {
    expect(await refusal(change)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test("a job, or a map, that does not compile, or has no default export", async () => {
    expect(await refusal({}, "absent.ts")).toMatchObject({ code: "JOB_NOT_FOUND" });
    write("broken.ts", "const broken = ;");
    write("named.ts", "export const map = 1;");
    expect(await refusal({}, "broken.ts")).toMatchObject({ code: "JOB_COMPILE" });
    expect((await refusal({ map: "broken.ts" })).message).toContain("broken.ts:1:16:");
    expect(await refusal({ map: "named.ts" })).toMatchObject({
      code: "JOB_INVALID",
      message: "named.ts has no default export: it exports map",
    });
  });
});

test("a folder with anything else in it is left as it is", async () => {
  expect(await refusal({ output: "." })).toMatchObject({ code: "USAGE" });
  expect(readdirSync(cwd)).toEqual(["words.ts"]);
});
