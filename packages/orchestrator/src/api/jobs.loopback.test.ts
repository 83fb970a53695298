import { FnmeshError } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import { limitError } from "./testing/fake-orchestrator.ts";
import { errorOf, sha256, startTestApi, type TestApi } from "./testing/test-api.ts";

const submitRaw = (t: TestApi, body: string, type = "application/json"): Promise<Response> =>
  t.fetch("/jobs", { method: "POST", headers: { "Content-Type": type }, body });

/** A job that has been submitted, as the orchestrator got it. */
async function submitted(t: TestApi, fields: Record<string, unknown> = {}) {
  expect((await t.submit(fields)).status).toBe(201);
  return t.orchestrator.fakes.at(-1)!;
}

describe("submitting a job", () => {
  test("gives the orchestrator all of it", async () => {
    await using t = await startTestApi({ nat: "restricted" });
    const code = await t.put("export default 42");
    const input = [
      { name: "a.txt", blob: await t.put("alpha\n") },
      { name: "b.txt", blob: await t.put("beta\n") },
    ];
    const fields = { channel: "relay", encrypt: false, memoryMb: 256, timeoutMs: 5000, params: { k: "v" } };
    const answer = await t.submit({ name: "words", code, workers: 2, input, ...fields });
    expect([answer.status, answer.headers.get("location")]).toEqual([201, "/jobs/job1"]);
    expect(await answer.json()).toMatchObject({ id: "job1", job: { id: "job1", name: "words" } });

    const { spec } = t.orchestrator.fakes[0]!;
    const told = { ...fields, name: "words", code: "export default 42", workers: 2, provider: "local" };
    expect(spec).toMatchObject({ ...told, nat: "restricted" });
    const parts = spec.input.flat();
    expect(parts.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["a.txt", 6],
      ["b.txt", 5],
    ]);
    expect(Buffer.from(await parts[0]!.read(1, 3)).toString()).toBe("lph");
    expect(Buffer.from(await parts[1]!.read(3, 2)).toString()).toBe("a\n");
  });

  test("starts one job for one key", async () => {
    await using t = await startTestApi();
    const body = JSON.stringify({ code: await t.put("export default 1"), workers: 2 });
    const submit = (key: string) =>
      t.fetch("/jobs", {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body,
      });
    const [first, again, other] = [await submit("a"), await submit("a"), await submit("b")];
    expect([first, again, other].map(({ status }) => status)).toEqual([201, 200, 201]);
    expect(again.headers.get("location")).toBe("/jobs/job1");
    expect(await again.json()).toMatchObject({ id: "job1", job: { id: "job1" } });
    t.orchestrator.forget("job1");
    expect(await (await submit("a")).json()).toEqual({ id: "job1", job: null });
    expect(t.orchestrator.fakes).toHaveLength(1);
    expect((await submit("a b")).status).toBe(400);
  });

  test("shares one input out at line borders, under its name", async () => {
    await using t = await startTestApi();
    const lines = Array.from({ length: 1000 }, (_, at) => `line ${at}\n`).join("");
    const job = await submitted(t, { workers: 4, input: [{ name: "lines.txt", blob: await t.put(lines) }] });
    const parts = job.spec.input.map((mine) => mine[0]!);
    expect(parts.map(({ name }) => name)).toEqual(Array.from({ length: 4 }, () => "lines.txt"));
    const texts = await Promise.all(
      parts.map(async (part) => Buffer.from(await part.read(0, part.bytes)).toString()),
    );
    expect(texts.every((text) => /^line .*\n$/s.test(text))).toBe(true);
    expect(texts.join("")).toBe(lines);
    job.end();
  });

  test.each([
    ["no JSON", "{", "application/json", 400, "BAD_REQUEST"],
    ["no UTF-8", "\u00ff", "application/json; charset=utf-8", 400, "INVALID_ARGUMENT"],
    ["nothing", "", "application/json", 400, "BAD_REQUEST"],
    ["a form", "code=x", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["plain text, as a form may send", "{}", "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["no fields", "{}", "application/json", 400, "INVALID_ARGUMENT"],
    ["deep nesting", "[".repeat(100_000), "application/json", 400, "BAD_REQUEST"],
  ])("refuses %s", async (_, body, type, status, code) => {
    await using t = await startTestApi();
    const answer = await submitRaw(t, body === "\u00ff" ? JSON.stringify("\u00ff") : body, type);
    expect(answer.status).toBe(status);
    expect(await errorOf(answer)).toMatchObject({ code });
    expect(t.orchestrator.fakes).toEqual([]);
  });

  test("refuses bytes that are no UTF-8", async () => {
    await using t = await startTestApi();
    const answer = await t.fetch("/jobs", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([400, "BAD_REQUEST"]);
  });

  test("refuses a body over the limit", async () => {
    await using t = await startTestApi({ limits: { jobRequestBytes: 100 } });
    expect((await submitRaw(t, JSON.stringify("x".repeat(200)))).status).toBe(413);
  });

  test("names the blob that is missing, and holds no other", async () => {
    await using t = await startTestApi({ limits: { spoolBytes: 20 } });
    const code = await t.put("0123456789");
    const missing = sha256("never uploaded");
    const answer = await t.submit({ code, input: [{ name: "x", blob: missing }] });
    expect(answer.status).toBe(400);
    const error = await errorOf(answer);
    expect(error).toMatchObject({ code: "INPUT_NOT_FOUND", hint: expect.stringContaining(missing) });
    await t.put("x".repeat(15)); // would not fit beside a held one
    expect((await t.fetch(`/blobs/${code}`)).status).toBe(404);
  });

  test("gives the orchestrator the modules that go with the code", async () => {
    await using t = await startTestApi({ limits: { codeBytes: 100 } });
    const texts = ["export const a = 1", "export const b = 2"];
    const modules = [await t.put(texts[0]!), await t.put(texts[1]!)];
    const job = await submitted(t, { modules, input: [{ name: "in", blob: await t.put("alpha\n") }] });
    expect(job.spec.modules).toEqual(texts);
    expect(job.spec.input[0]![0]).toMatchObject({ name: "in", bytes: 6 });
    const long = await t.submit({ modules: [await t.put("x".repeat(101))] });
    expect([long.status, (await errorOf(long)).code]).toEqual([400, "JOB_INVALID"]);
  });

  test("refuses code that is no text, or too long", async () => {
    await using t = await startTestApi({ limits: { codeBytes: 100 } });
    const binary = await t.put(new Uint8Array([0xff, 0xfe, 0x00]));
    const long = await t.put("x".repeat(101));
    for (const code of [binary, long]) {
      const answer = await t.submit({ code });
      expect([answer.status, (await errorOf(answer)).code]).toEqual([400, "JOB_INVALID"]);
    }
  });

  test("passes on what the orchestrator says, with its hint and without its stack", async () => {
    await using t = await startTestApi();
    t.orchestrator.refuseWith(limitError());
    const answer = await t.submit({ workers: 100_000 });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: { code: "LIMIT", message: "100000 workers, the provider takes 1000", hint: "Ask for fewer." },
    });
    t.orchestrator.refuseWith(new FnmeshError("CLOSED", "closed"));
    expect((await t.submit()).status).toBe(503);
  });
});

describe("a job", () => {
  test("is listed and shown, with its report when it has ended", async () => {
    await using t = await startTestApi();
    const job = await submitted(t);
    expect(await (await t.fetch("/jobs")).json()).toMatchObject({ jobs: [{ id: job.id }] });
    expect(await (await t.fetch(`/jobs/${job.id}`)).json()).toMatchObject({
      job: { id: job.id, status: "running" },
      report: null,
    });
    job.end("failed", { error: { code: "JOB_THREW", message: "no" } });
    expect(await (await t.fetch(`/jobs/${job.id}`)).json()).toMatchObject({
      job: { status: "failed" },
      report: { job: { status: "failed" }, error: { code: "JOB_THREW" } },
    });
  });

  test.each(["/jobs/nobody", "/jobs/nobody/output", "/jobs/nobody/events", "/jobs/__proto__"])(
    "that does not exist: %s",
    async (path) => {
      await using t = await startTestApi();
      const answer = await t.fetch(path);
      expect([answer.status, (await errorOf(answer)).code]).toEqual([404, "JOB_NOT_FOUND"]);
    },
  );

  test("is cancelled, which the answer does not wait for", async () => {
    await using t = await startTestApi();
    const job = await submitted(t);
    const cancel = () => t.fetch(`/jobs/${job.id}/cancel`, { method: "POST" });
    const answer = await cancel();
    expect([answer.status, ((await answer.json()) as { report: unknown }).report]).toEqual([202, null]);
    expect(job.cancelReason).toBe("cancelled through the API");
    job.end("cancelled");
    const again = await cancel();
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ report: { job: { status: "cancelled" } } });
  });
});

describe("a job's output", () => {
  test("comes in the order of ranks once the job has succeeded", async () => {
    await using t = await startTestApi();
    const job = await submitted(t, { workers: 12 });
    const sink = job.spec.output!;
    const early = await t.fetch(`/jobs/${job.id}/output`);
    expect([early.status, (await errorOf(early)).code]).toEqual([409, "NOT_ENDED"]);

    await sink.write(10, Buffer.from("ten,"));
    await sink.write(2, Buffer.from("two,"));
    await sink.write(10, Buffer.from("ten again"));
    await sink.commit();
    await sink.discard(); // after commit it does nothing
    job.end();
    const output = await t.fetch(`/jobs/${job.id}/output`);
    expect(output.headers.get("content-length")).toBe("17");
    expect(await output.text()).toBe("two,ten,ten again");
    const head = await t.fetch(`/jobs/${job.id}/output`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "17"]);
  });

  test("may be empty", async () => {
    await using t = await startTestApi();
    const job = await submitted(t);
    await job.spec.output!.commit();
    job.end();
    const output = await t.fetch(`/jobs/${job.id}/output`);
    expect([output.status, await output.text()]).toEqual([200, ""]);
  });

  test("of a failed job does not exist", async () => {
    await using t = await startTestApi();
    const job = await submitted(t);
    await job.spec.output!.write(0, Buffer.from("half"));
    await job.spec.output!.discard();
    job.end("failed");
    const answer = await t.fetch(`/jobs/${job.id}/output`);
    expect([answer.status, (await errorOf(answer)).code]).toEqual([404, "NO_OUTPUT"]);
  });

  test("counts against the spool, and goes when newer things need its room", async () => {
    await using t = await startTestApi({ limits: { spoolBytes: 1000 } });
    const job = await submitted(t);
    const sink = job.spec.output!;
    await expect(sink.write(0, new Uint8Array(2000))).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    await sink.write(0, new Uint8Array(900));
    await sink.commit();
    job.end();
    await t.put("x".repeat(500));
    const answer = await t.fetch(`/jobs/${job.id}/output`);
    expect([answer.status, (await errorOf(answer)).code]).toEqual([410, "GONE"]);
  });

  test("larger than one read arrives whole", async () => {
    await using t = await startTestApi();
    const job = await submitted(t);
    const bytes = Buffer.alloc(5_000_000, "0123456789");
    await job.spec.output!.write(0, bytes.subarray(0, 3_000_001));
    await job.spec.output!.write(1, bytes.subarray(3_000_001));
    await job.spec.output!.commit();
    job.end();
    const output = Buffer.from(await (await t.fetch(`/jobs/${job.id}/output`)).arrayBuffer());
    expect(output.equals(bytes)).toBe(true);
  });
});
