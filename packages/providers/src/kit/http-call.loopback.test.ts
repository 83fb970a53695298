// One request: what is sent, what comes back, and every way in which nothing does.

import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { httpCall } from "./http-call.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});
const never = new AbortController().signal;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test("sends JSON, and resolves with any status", async () => {
  const url = await serve(async (request, response) => {
    const { method, headers } = request;
    response.writeHead(418, { "x-own": "yes" });
    response.end(JSON.stringify([method, headers["content-type"], headers["x-key"], await textOf(request)]));
  });
  const call = { url, method: "POST", headers: { "x-key": "k" }, body: { a: "ü" }, signal: never };
  const { status, headers, text } = await httpCall(call);
  expect([status, headers["x-own"]]).toEqual([418, "yes"]);
  expect(JSON.parse(text)).toEqual(["POST", "application/json", "k", '{"a":"ü"}']);
});

test("without a body sends none", async () => {
  const url = await serve(async (request, response) => {
    response.end(JSON.stringify([request.method, request.headers["content-length"] ?? null]));
  });
  expect(JSON.parse((await httpCall({ url, signal: never })).text)).toEqual(["GET", null]);
});

test("nobody there is PROVIDER_UNAVAILABLE, and names the address without its path", async () => {
  const url = await serve(() => {});
  open.pop()!();
  await expect(httpCall({ url: `${url}/canary?canary`, signal: never })).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: expect.not.stringContaining("canary"),
  });
});

test("a connection that is cut is PROVIDER_UNAVAILABLE, before the answer and within it", async () => {
  const before = await serve((_, response) => void response.destroy());
  const within = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  for (const url of [before, within]) {
    await expect(httpCall({ url, signal: never })).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  }
});

test("an endless answer is given up", async () => {
  const url = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on("drain", more);
    more();
  });
  await expect(httpCall({ url, signal: never })).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: expect.stringContaining("4 MiB"),
  });
});

test("a silent server is left when the signal says so, with its reason", async () => {
  const url = await serve(() => {});
  const signal = AbortSignal.timeout(50);
  await expect(httpCall({ url, signal })).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(httpCall({ url, signal })).rejects.toMatchObject({ name: "TimeoutError" });
});
