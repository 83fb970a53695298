// Jobs that events of AWS start: a trigger's handler against a served orchestrator, whose workers are processes.

import { nodeEnv, silentLog } from "@fnmesh/core/internal";
import { createOrchestrator, type Orchestrator } from "@fnmesh/orchestrator";
import { type Api, createApi } from "@fnmesh/orchestrator/api";
import { localProvider } from "@fnmesh/providers/local";
import { type BundledJob, type TriggerItem, type TriggerOptions, trigger } from "@fnmesh/providers/trigger";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { bundleJob } from "../../../packages/cli/src/bundle-job/bundle-job.ts";
import { countedOf } from "../support/play-job.ts";

const token = "a-token-that-is-long-enough";
const context = { getRemainingTimeInMillis: () => 30_000 };
const root = new URL("../../..", import.meta.url).pathname;

const message = (messageId: string, body: string) => ({
  ...{ messageId, body, eventSource: "aws:sqs" },
  eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:texts",
});
const request = (body: string, headers: Record<string, string> = {}, requestId = crypto.randomUUID()) => ({
  ...{ version: "2.0", rawPath: "/", body, headers, isBase64Encoded: false },
  requestContext: { requestId, http: { method: "POST", path: "/" } },
});
const created = (...keys: readonly string[]) => ({
  Records: keys.map((key) => ({
    ...{ eventSource: "aws:s3", eventName: "ObjectCreated:Put" },
    s3: { bucket: { name: "texts" }, object: { key, size: 5, sequencer: "01" } },
  })),
});

/** Counts the words of what came. */
const countWords = (item: TriggerItem) => {
  const text = item.from === "s3" ? item.key : item.body;
  if (text === "nothing") return undefined;
  if (text === "broken") throw new Error("no such text");
  return { workers: 2, input: [{ name: "text", text }] };
};

describe("a trigger", () => {
  let orchestrator: Orchestrator;
  let api: Api;
  let job: BundledJob;
  beforeAll(async () => {
    const provider = localProvider();
    orchestrator = await createOrchestrator({ env: nodeEnv(), providers: [provider] });
    api = await createApi({ orchestrator, log: silentLog, token });
    job = await bundleJob("examples/reduce-by-key/job.ts", { cwd: root });
  });
  afterAll(async () => {
    await orchestrator?.close();
    await api?.close();
  });
  let told: string[];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((...words) => void told.push(words.join(" ")));
    return () => vi.restoreAllMocks();
  });

  const handler = (change: Partial<TriggerOptions> = {}) =>
    trigger({ orchestrator: api.url, token, job, map: countWords, ...change });
  const jobs = () => orchestrator.jobs().map(({ id }) => id);
  /** The jobs that this starts. */
  const startedBy = async (act: () => Promise<unknown>) => {
    const before = new Set(jobs());
    const answer = await act();
    return { answer, ids: jobs().filter((id) => !before.has(id)) };
  };
  const outputOf = async (id: string) => {
    expect((await orchestrator.job(id)!.report).error).toBeNull();
    const authorization = `Bearer ${token}`;
    return await (await fetch(`${api.url}/jobs/${id}/output`, { headers: { authorization } })).text();
  };

  test("starts a job for each message of a batch, and each does its work", async () => {
    const texts = ["the whale the whale", "call me ishmael"];
    const event = { Records: texts.map((text, index) => message(`words-${index}`, text)) };
    const { answer, ids } = await startedBy(() => handler()(event, context));
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(ids).toHaveLength(2);
    const outputs = await Promise.all(ids.map(outputOf));
    expect(outputs.sort()).toEqual(texts.map(countedOf).sort());
  });

  test("gives back only the messages that failed, and starts no other one twice", async () => {
    const event = {
      Records: [message("good", "ahab"), message("bad", "broken"), message("none", "nothing")],
    };
    const { answer, ids } = await startedBy(() => handler()(event, context));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
    expect(ids).toHaveLength(1);
    expect(told.join()).toContain("message bad: INTERNAL: no such text");
    // The queue delivers all of it again, and another environment of the function takes it.
    expect((await startedBy(() => handler()(event, context))).ids).toEqual([]);
  });

  test("of one message at the same time in two environments starts one job", async () => {
    const event = { Records: [message("twice", "queequeg")] };
    const both = () => Promise.all([handler()(event, context), handler()(event, context)]);
    const { answer, ids } = await startedBy(both);
    expect(answer).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    expect(ids).toHaveLength(1);
  });

  test("starts jobs for new objects; a second delivery of the event starts none", async () => {
    const { answer, ids } = await startedBy(() => handler()(created("a.txt", "nothing", "b.txt"), context));
    expect(answer).toEqual({ jobs: ids });
    expect(ids).toHaveLength(2);
    const again = await startedBy(() => handler()(created("a.txt", "nothing", "b.txt"), context));
    expect(again).toEqual({ answer: { jobs: ids }, ids: [] });
  });

  test("fails for an object whose job was not taken, so that it comes again; the others have started", async () => {
    const failing = () => handler()(created("broken", "c.txt"), context);
    const { ids } = await startedBy(() => expect(failing()).rejects.toThrow("no such text"));
    expect(ids).toHaveLength(1);
  });

  test("answers an HTTP request with the job's id", async () => {
    const { answer, ids } = await startedBy(() => handler()(request("starbuck"), context));
    expect(answer).toMatchObject({ statusCode: 202, body: JSON.stringify({ id: ids[0] }) });
    expect(await handler()(request("nothing"), context)).toMatchObject({ statusCode: 204 });
    const named = () => handler()(request("starbuck", { "Idempotency-Key": "once" }), context);
    expect((await startedBy(async () => [await named(), await named()])).ids).toHaveLength(1);
  });

  test("tells a caller what they did wrong, and nothing of what is not theirs", async () => {
    const none = handler({ map: () => ({ workers: 0 }) });
    expect(await none(request("x"), context)).toMatchObject({
      statusCode: 400,
      body: expect.stringContaining("workers"),
    });
    const stranger = handler({ token: "another-token-that-is-wrong" });
    const answer = await stranger(request("x"), context);
    expect(answer).toMatchObject({ statusCode: 503, body: expect.stringContaining("try again later") });
    expect(told.join()).toContain("AUTH");
    expect(JSON.stringify([answer, told])).not.toContain("another-token");
  });

  test("gives messages back while there is no orchestrator, or no time left", async () => {
    const event = { Records: [message("later", "stubb")] };
    const failed = { batchItemFailures: [{ itemIdentifier: "later" }] };
    const nobody = handler({ orchestrator: "http://127.0.0.1:1" });
    expect(await nobody(event, context)).toEqual(failed);
    expect(told.join()).toContain("ORCHESTRATOR_UNAVAILABLE");
    const late = { getRemainingTimeInMillis: () => 900 };
    const hanging = handler({ map: () => new Promise<undefined>(() => {}) });
    expect(await hanging(event, late)).toEqual(failed);
    const silent = handler({ token: { read: () => new Promise(() => {}), forget() {} } });
    expect(await silent(event, late)).toEqual(failed);
    expect(told.filter((line) => line.includes("message later: DEADLINE"))).toHaveLength(2);
  });

  test("refuses events of other kinds, and to be made without an address", async () => {
    await expect(handler()({ source: "aws.events" }, context)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(() => handler({ orchestrator: undefined })).toThrow("address of an orchestrator");
    expect(() => handler({ map: { workers: 4 } as never })).toThrow("a function of an item");
  });
});
