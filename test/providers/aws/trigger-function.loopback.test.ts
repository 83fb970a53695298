// What `fnmesh trigger` makes, as it would be deployed: the function under AWS's own runtime, its token and certificate
// read with its role's keys, against an orchestrator that is served over TLS, whose workers are processes.

import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeEnv, silentLog } from "@fnmesh/core/internal";
import { createOrchestrator, type Orchestrator } from "@fnmesh/orchestrator";
import { type Api, createApi } from "@fnmesh/orchestrator/api";
import { localProvider } from "@fnmesh/providers/local";
import { s3Catalog } from "@fnmesh/stores";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { triggerCommand } from "../../../packages/cli/src/commands/trigger.ts";
import { type RawTriggerOptions, triggerPresets } from "../../../packages/cli/src/options/trigger-options.ts";
import { fakeHost } from "../../../packages/cli/src/testing/fake-host.ts";
import { certificateFolder } from "../../../packages/orchestrator/src/api/testing/certificates.ts";
import { httpCall } from "../../../packages/providers/src/kit/http-call.ts";
import { installedCounterpart } from "../support/counterparts.ts";
import { countedOf } from "../support/play-job.ts";
import { type KeptTexts, keepTexts } from "./kept-texts.ts";
import { createLambda, type Lambda } from "./lambda.ts";
import { serveBucket } from "./one-bucket.ts";

const ric = await installedCounterpart("aws-lambda-ric");
const root = join(import.meta.dirname, "../../..");
const template = new URL("../../../packages/cli/deploy/trigger/template.yaml", import.meta.url);

const token = "a-token-that-is-long-enough";
const tokenArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:fnmesh-token-Ab12cd";
const certificateArn = "arn:aws:ssm:eu-central-1:123456789012:parameter/fnmesh/dev/orchestrator-certificate";
const whale = "the whale the whale\nthe white whale\n";

const message = (messageId: string, body: string) => ({
  ...{ messageId, body, eventSource: "aws:sqs" },
  eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:texts",
});
const request = (body: string) => ({
  ...{ version: "2.0", rawPath: "/", body, headers: {}, isBase64Encoded: false },
  requestContext: { requestId: randomUUID(), http: { method: "POST", path: "/" } },
});
const created = (key: string, sequencer: string) => ({
  Records: [
    {
      ...{ eventSource: "aws:s3", eventName: "ObjectCreated:Put" },
      s3: { bucket: { name: "texts" }, object: { key, size: whale.length, sequencer } },
    },
  ],
});
const named = (text: string) => JSON.stringify({ input: [{ name: "text", text }] });

const mapModule = `import { presetMap, type TriggerItem } from "fnmesh/trigger";
export default async (item: TriggerItem) => {
  if (item.from === "http" && item.body === "slip") throw new Error("a slip");
  const wish = presetMap(item);
  return wish && { ...wish, workers: 3 };
};`;

describe.skipIf(ric === undefined)("the function that `fnmesh trigger` makes", () => {
  const closers: (() => unknown)[] = [];
  let orchestrator: Orchestrator;
  let api: Api;
  let aws: KeptTexts;
  let lambda: Lambda;
  let folder: string;
  let certificate: string;
  const use = <Part extends AsyncDisposable>(part: Part): Part => {
    closers.push(() => part[Symbol.asyncDispose]());
    return part;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fnmesh-trigger-"));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const certificates = use(await certificateFolder());
    const tls = await certificates.make("orchestrator");
    const { endpoint } = use(await serveBucket("texts", { "2026/a b.txt": whale }));
    const access = { endpoint, region: "eu-central-1", accessKeyId: "test", secretAccessKey: "test" };
    orchestrator = await createOrchestrator({ env: nodeEnv(), providers: [localProvider()] });
    const s3 = { settings: access, catalog: (signal: AbortSignal) => s3Catalog({ access, signal }) };
    api = await createApi({ orchestrator, log: silentLog, token, tls, sources: { s3 } });
    closers.push(() => api.close());
    closers.push(() => orchestrator.close());
    certificate = await readFile(tls.certFile, "utf8");
    aws = use(await keepTexts({ [tokenArn]: token, [certificateArn]: certificate }));
    lambda = createLambda({ ric: ric! });
    closers.push(() => lambda.close());
    await define("made", {});
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  /** The command, and what Lambda has of it then. */
  const define = async (name: string, options: Partial<RawTriggerOptions>) => {
    const output = join(folder, name);
    const raw = { ...triggerPresets, provider: "local", workers: "2", from: "sqs", encrypt: true };
    const asked = { ...raw, channel: "direct,relay", output, ...options };
    await triggerCommand("examples/reduce-by-key/job.ts", asked, template, fakeHost({ cwd: root }));
    lambda.define({
      ...{ name, taskRoot: join(output, "function"), handler: "index.handler", memoryMb: 256 },
      timeoutMs: 60_000,
      environment: {
        ...aws.environment,
        FNMESH_ORCHESTRATOR: api.url,
        FNMESH_TOKEN_SECRET: tokenArn,
        FNMESH_CERTIFICATE: certificateArn,
        NODE_OPTIONS: "--enable-source-maps",
      },
    });
  };
  const call = async (event: unknown, name = "made") => {
    const outcome = await lambda.call(name, Buffer.from(JSON.stringify(event)), randomUUID());
    if (outcome.status !== "success") throw new Error(outcome.words);
    return JSON.parse(outcome.body);
  };
  const logOf = (name = "made") =>
    lambda
      .logsOf(name)
      .map(({ message }) => message)
      .join("\n");
  const jobs = () => orchestrator.jobs().map(({ id }) => id);
  const outputOf = async (id: string) => {
    const { error, job } = await orchestrator.job(id)!.report;
    expect([error, job.name]).toEqual([null, "reduce-by-key"]);
    const signal = AbortSignal.timeout(10_000);
    const headers = { authorization: `Bearer ${token}` };
    return (await httpCall({ url: `${api.url}/jobs/${id}/output`, headers, ca: certificate, signal })).text;
  };

  test("starts a job for a new object, which reads it; a second delivery, at the same time, starts none", async () => {
    const event = created("2026/a+b.txt", "01");
    const [one, two] = await Promise.all([call(event), call(event)]);
    expect(lambda.environments).toHaveLength(2);
    expect(one.jobs).toHaveLength(1);
    expect([two, await call(event)]).toEqual([one, one]);
    expect(jobs()).toEqual(one.jobs);
    expect(await outputOf(one.jobs[0])).toBe(countedOf(whale));
    expect(orchestrator.job(one.jobs[0])!.snapshot().workers.total).toBe(2);
  });

  test("starts a job for each message of a batch, and gives back the one that says nothing of use", async () => {
    const before = jobs();
    const texts = ["call me ishmael", "some years ago"];
    const Records = [
      message("m1", named(texts[0]!)),
      message("bad", "work!"),
      message("m2", named(texts[1]!)),
    ];
    expect(await call({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
    const started = jobs().filter((id) => !before.includes(id));
    const outputs = await Promise.all(started.map(outputOf));
    expect(outputs.sort()).toEqual(texts.map(countedOf).sort());
    expect(logOf()).toContain("message bad: INVALID_ARGUMENT: the body is no JSON object");
    // All of them come again.
    await call({ Records });
    expect(jobs()).toHaveLength(before.length + 2);
  });

  test("answers a request with the job's id, or with what is wrong with it", async () => {
    const { statusCode, body } = await call(request(named("thar she blows")));
    expect(statusCode).toBe(202);
    expect(await outputOf(JSON.parse(body).id)).toBe(countedOf("thar she blows"));
    const refused = await call(request('{"workers":"many"}'));
    expect([refused.statusCode, JSON.parse(refused.body).error.code]).toEqual([400, "INVALID_ARGUMENT"]);
  });

  test("asks for token and certificate once, and anew when they are of no use any more", async () => {
    const asked = aws.asked.length;
    expect(asked).toBe(2 * lambda.environments.length);
    aws.texts.set(tokenArn, "not-the-token-of-this-orchestrator");
    await define("wrong", {});
    const wrong = () => call(request(named("pequod")), "wrong");
    expect(await wrong()).toMatchObject({ statusCode: 503 });
    aws.texts.set(tokenArn, token);
    expect(await wrong()).toMatchObject({ statusCode: 202 });
    expect(logOf("wrong")).toContain("AUTH");
    expect(logOf("wrong") + logOf()).not.toMatch(/not-the-token|a-token-that/);
  });

  test("does what the user's map says, and names its lines", async () => {
    await writeFile(join(folder, "map.ts"), mapModule);
    await define("mapped", { map: join(folder, "map.ts"), from: "http" });
    const { body } = await call(request(named("thrice")), "mapped");
    const { id } = JSON.parse(body);
    expect(await outputOf(id)).toBe(countedOf("thrice"));
    expect(orchestrator.job(id)!.snapshot().workers.total).toBe(3);
    expect(await call(request("slip"), "mapped")).toMatchObject({ statusCode: 503 });
    expect(logOf("mapped")).toMatch(/INTERNAL: a slip.*map\.ts:3:/);
  });
});
