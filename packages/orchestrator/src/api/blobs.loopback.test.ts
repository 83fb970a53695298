import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorOf, rawRequest, sha256, startTestApi, type TestApi, until } from "./testing/test-api.ts";

/** The files in the API's own spool directory. */
async function spooled({ spoolParent }: TestApi): Promise<readonly string[]> {
  const [own] = await readdir(spoolParent);
  return readdir(join(spoolParent, own!));
}

const putBlob = (t: TestApi, hash: string, body: string): Promise<Response> =>
  t.fetch(`/blobs/${hash}`, { method: "PUT", body });

describe("blobs", () => {
  test("are uploaded once, and told of by their hash", async () => {
    await using t = await startTestApi();
    const hash = sha256("call me ishmael");
    expect((await t.fetch(`/blobs/${hash}`)).status).toBe(404);
    const first = await putBlob(t, hash, "call me ishmael");
    expect(first.status).toBe(201);
    expect(await first.json()).toEqual({ blob: hash, bytes: 15 });
    expect((await putBlob(t, hash, "call me ishmael")).status).toBe(200);
    expect(await (await t.fetch(`/blobs/${hash}`)).json()).toEqual({ blob: hash, bytes: 15 });
    expect(await spooled(t)).toHaveLength(1);
  });

  test("may be empty", async () => {
    await using t = await startTestApi();
    expect((await putBlob(t, sha256(""), "")).status).toBe(201);
    expect(await (await t.fetch(`/blobs/${sha256("")}`)).json()).toMatchObject({ bytes: 0 });
  });

  test("go up side by side, also the same one", async () => {
    await using t = await startTestApi();
    const contents = Array.from({ length: 12 }, (_, at) => `${at % 6}`.repeat(100_000));
    const answers = await Promise.all(contents.map((text) => putBlob(t, sha256(text), text)));
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(6);
    expect(await spooled(t)).toHaveLength(6);
  });

  test("with another content than the hash says are refused and leave nothing", async () => {
    await using t = await startTestApi();
    const answer = await putBlob(t, sha256("right"), "wrong");
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect((await t.fetch(`/blobs/${sha256("right")}`)).status).toBe(404);
    expect(await spooled(t)).toEqual([]);
  });

  test.each(["abc", "A".repeat(64), "..%2f..%2fetc%2fpasswd", `${"a".repeat(64)}x`, "%00"])(
    "cannot be named %s",
    async (name) => {
      await using t = await startTestApi();
      const answer = await putBlob(t, name, "x");
      expect(answer.status).toBe(400);
      expect(await spooled(t)).toEqual([]);
    },
  );

  test.each(["/blobs/../../../etc/passwd", "/blobs/..%2f..%2f..%2fetc/passwd", "/blobs//etc/passwd"])(
    "no path leads out: %s",
    async (path) => {
      await using t = await startTestApi();
      const answer = await rawRequest(
        t.api.url,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).toContain('{"error":{"code":');
    },
  );

  test("larger than the limit are refused, whether they say so or not", async () => {
    await using t = await startTestApi({ limits: { blobBytes: 1000 } });
    const text = "x".repeat(5000);
    const honest = await putBlob(t, sha256(text), text);
    expect(honest.status).toBe(413);
    expect(await errorOf(honest)).toMatchObject({ code: "BODY_TOO_LARGE" });
    const chunked = await rawRequest(
      t.api.url,
      `PUT /blobs/${sha256(text)} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${(5000).toString(16)}\r\n${text}\r\n0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect(await spooled(t)).toEqual([]);
  });

  test("of exactly the limit are taken", async () => {
    await using t = await startTestApi({ limits: { blobBytes: 1000 } });
    const text = "x".repeat(1000);
    expect((await putBlob(t, sha256(text), text)).status).toBe(201);
  });

  test("whose client goes half-way leave nothing", async () => {
    await using t = await startTestApi();
    const leaving = new AbortController();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(100)) });
    const init = { method: "PUT", body, duplex: "half", signal: leaving.signal } as RequestInit;
    const upload = t.fetch(`/blobs/${"a".repeat(64)}`, init).catch(() => "gone");
    await expect.poll(() => spooled(t), { interval: 5 }).toHaveLength(1);
    leaving.abort();
    expect(await upload).toBe("gone");
    await expect.poll(() => spooled(t), { interval: 5 }).toEqual([]);
  });

  test("make room for newer ones, but not those of a running job", async () => {
    await using t = await startTestApi({ limits: { spoolBytes: 3000 } });
    const code = await t.put("c".repeat(1000));
    const unused = await t.put("u".repeat(1000));
    expect((await t.submit({ code })).status).toBe(201);
    await t.put("n".repeat(1500));
    expect((await t.fetch(`/blobs/${unused}`)).status).toBe(404);
    expect((await t.fetch(`/blobs/${code}`)).status).toBe(200);

    const full = await putBlob(t, sha256("f".repeat(2500)), "f".repeat(2500));
    expect([full.status, (await errorOf(full)).code]).toEqual([507, "SPOOL_FULL"]);

    const job = t.orchestrator.fakes[0]!;
    job.end();
    await job.report;
    expect((await putBlob(t, sha256("f".repeat(2500)), "f".repeat(2500))).status).toBe(201);
    expect((await t.fetch(`/blobs/${code}`)).status).toBe(404);
  });

  test("a slow upload is cut when nothing moves any more", async () => {
    await using t = await startTestApi({ limits: { idleTimeoutMs: 300 } });
    await rawRequest(
      t.api.url,
      `PUT /blobs/${"a".repeat(64)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc`,
    );
    await expect.poll(() => spooled(t), { interval: 5 }).toEqual([]);
    await until(() => t.logged().includes("400"));
  });
});
