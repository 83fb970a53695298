import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { errorOf, rawRequest, startTestApi, type TestApi } from "./testing/test-api.ts";

const token = "correct-horse-battery-staple";
const paths = ["/jobs", "/jobs/x", "/jobs/x/output", "/jobs/x/events", "/events", "/metrics", "/nothing"];

/** fetch() sets Host itself; this sends what it is told. */
function get(t: TestApi, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(t.api.url + path, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    call.on("error", reject);
    call.end();
  });
}

describe("the token", () => {
  test.each(paths)("is needed for %s", async (path) => {
    await using t = await startTestApi({ token });
    for (const Authorization of ["", "Bearer wrong-wrong-wrong-wrong", `Basic ${token}`]) {
      const answer = await fetch(t.api.url + path, { headers: { Authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      const error = await errorOf(answer);
      expect(error.code).toBe("AUTH");
    }
  });

  test("opens the door, and is not needed for health", async () => {
    await using t = await startTestApi({ token });
    expect((await t.fetch("/jobs")).status).toBe(200);
    for (const path of ["/livez", "/readyz"]) expect((await fetch(t.api.url + path)).status).toBe(200);
  });

  test("is needed before anything is read", async () => {
    await using t = await startTestApi({ token });
    const answer = await fetch(`${t.api.url}/jobs`, { method: "POST", body: "x".repeat(100_000) });
    expect(answer.status).toBe(401);
    expect((await fetch(`${t.api.url}/jobs?token=${token}`)).status).toBe(401);
  });

  test("never shows, wherever it or a wrong one was sent", async () => {
    await using t = await startTestApi({ token });
    const wrong = "an-almost-right-token-indeed";
    const answers = await Promise.all([
      t.fetch("/jobs"),
      t.fetch("/nothing"),
      t.fetch("/jobs", { method: "POST", body: token }),
      fetch(`${t.api.url}/jobs`, { headers: { Authorization: `Bearer ${wrong}` } }),
    ]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(texts.join() + t.logged()).not.toContain(token);
    expect(texts.join() + t.logged()).not.toContain(wrong);
    expect(t.logged()).toContain("refused a request without a valid token");
  });

  test("is demanded by an open address", async () => {
    await expect(startTestApi({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "USAGE" });
    await using t = await startTestApi({ host: "0.0.0.0", token, insecure: true });
    const { port } = new URL(t.api.url);
    const answer = await fetch(`http://127.0.0.1:${port}/jobs`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe("a foreign web page", () => {
  test("cannot reach an API on loopback through a browser", async () => {
    await using t = await startTestApi();
    const { host } = new URL(t.api.url);
    expect(await get(t, "/jobs", { host })).toBe(200);
    expect(await get(t, "/jobs", { host: "rebound.example" })).toBe(403);
    expect(await get(t, "/jobs", { host, origin: "https://evil.example" })).toBe(403);
    expect(await get(t, "/jobs", { host, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await get(t, "/jobs", { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" })).toBe(
      200,
    );
  });

  test("gets no CORS leave", async () => {
    await using t = await startTestApi();
    const { host } = new URL(t.api.url);
    const preflight = await fetch(`${t.api.url}/jobs`, { method: "OPTIONS" });
    expect(preflight.status).toBe(405);
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect(await get(t, "/jobs", { host, origin: "null" })).toBe(403);
  });
});

describe("an unknown request", () => {
  test("of a path is 404 in the errors' form", async () => {
    await using t = await startTestApi();
    const answer = await t.fetch("/nothing/here");
    expect([answer.status, (await errorOf(answer)).code]).toEqual([404, "NOT_FOUND"]);
  });

  test.each([
    ["DELETE", "/jobs", "GET, HEAD, POST"],
    ["PUT", "/jobs/x", "GET, HEAD"],
    ["GET", "/jobs/x/cancel", "POST"],
    ["POST", "/blobs/x", "GET, HEAD, PUT"],
    ["POST", "/metrics", "GET, HEAD"],
  ])("%s %s is 405 and says what it takes", async (method, path, allow) => {
    await using t = await startTestApi();
    const answer = await t.fetch(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")?.split(", ").sort().join(", ")).toBe(allow);
    expect((await errorOf(answer)).code).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("a broken client", () => {
  test.each([
    ["rubbish", "\u0016\u0003\u0001 rubbish\r\n\r\n", 400],
    ["no Host", "GET /jobs HTTP/1.1\r\n\r\n", 400],
    ["a Host that is no host", "GET /jobs HTTP/1.1\r\nHost: a/b?c#d\r\nConnection: close\r\n\r\n", 400],
    ["endless headers", `GET /jobs HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(100_000)}\r\n\r\n`, 431],
    [
      "two lengths",
      "POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      400,
    ],
  ])("that sends %s gets an answer and loses its connection", async (_, text, status) => {
    await using t = await startTestApi();
    expect(await rawRequest(t.api.url, text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await t.fetch("/livez")).status).toBe(200);
  });

  test("that never ends its headers is cut", async () => {
    await using t = await startTestApi({ limits: { headersTimeoutMs: 200 } });
    const answer = await rawRequest(t.api.url, "GET /jobs HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"TIMEOUT"');
  });

  test("that sends nothing at all is cut", async () => {
    await using t = await startTestApi({ limits: { headersTimeoutMs: 200, idleTimeoutMs: 400 } });
    await rawRequest(t.api.url, "");
  });
});
