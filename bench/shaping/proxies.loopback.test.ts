// The proxies keep what their models promise, between real sockets: rates within 5 %, latencies, and every byte as it was.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openObjectProxy } from "./object-proxy.ts";
import type { ShapingProxy } from "./proxy.ts";
import { openTcpProxy } from "./tcp-proxy.ts";

const host = "127.0.0.1";
const opened: (() => unknown)[] = [];
const defer = <T>(value: T, close: (value: T) => unknown): T => {
  opened.push(() => close(value));
  return value;
};
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function listening(server: net.Server): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

/** How long a rate's test lasts. */
const seconds = 2;

/**
 * Never faster than promised by more than 5 %, and not slower in one of three tries: a machine may be busy for a while,
 * which is not the proxy's fault.
 */
async function keepsRate(promised: number, measure: () => Promise<number>): Promise<void> {
  let best = 0;
  for (let tries = 0; tries < 3 && best < promised * 0.95; tries += 1) {
    best = Math.max(best, await measure());
    expect(best).toBeLessThan(promised * 1.05);
  }
  expect(best).toBeGreaterThan(promised * 0.95);
}

describe("a line", () => {
  const bytesPerSecond = 5e6;
  const model = { kind: "line", bitsPerSecond: bytesPerSecond * 8, roundTripMs: 60 } as const;
  let proxy: ShapingProxy;
  let toServer: (socket: net.Socket) => void;
  beforeEach(async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      defer(socket, () => socket.destroy()).on("error", () => {});
      toServer(socket);
    });
    const port = await listening(defer(server, () => server.close()));
    proxy = await openTcpProxy({ host, target: { host, port }, model });
    defer(proxy, () => proxy.close());
  });

  const dial = () => {
    const socket = net.connect({ host, port: proxy.port, allowHalfOpen: true });
    return defer(socket, () => socket.destroy()).on("error", () => {});
  };

  test("carries its rate each way, for all connections together, unchanged", async () => {
    const share = randomBytes((bytesPerSecond * seconds) / 4);
    toServer = (socket) => void socket.pipe(socket);
    const expected = createHash("sha256").update(share).digest("hex");
    await keepsRate(bytesPerSecond, async () => {
      const hashes: string[] = [];
      const begin = performance.now();
      const trips = Array.from({ length: 4 }, async () => {
        const socket = dial();
        socket.end(share);
        const hash = createHash("sha256");
        for await (const chunk of socket) hash.update(chunk as Uint8Array);
        hashes.push(hash.digest("hex"));
      });
      await Promise.all(trips);
      const ms = performance.now() - begin;
      expect(hashes).toEqual(Array(4).fill(expected));
      // There and back at the same time: were the two ways one, it would take twice as long. A round trip to connect,
      // and one for the last byte.
      return (4000 * share.length) / (ms - 2 * model.roundTripMs);
    });
    const { connections, upBytes, downBytes } = proxy.counts();
    expect([upBytes, downBytes]).toEqual([connections! * share.length, connections! * share.length]);
  });

  test("takes a round trip for a question and its answer, and one more to connect", async () => {
    toServer = (socket) => void socket.pipe(socket);
    const dialledAt = performance.now();
    const socket = dial();
    const ask = async (begin = performance.now()) => {
      socket.write("x");
      await once(socket, "data");
      return performance.now() - begin;
    };
    const [first, ...later] = [await ask(dialledAt), await ask(), await ask(), await ask()];
    expect(first).toBeGreaterThanOrEqual(2 * model.roundTripMs);
    for (const ms of later) expect(ms).toBeGreaterThanOrEqual(model.roundTripMs);
    // The best of three: that one timer is late says nothing.
    expect(Math.min(...later)).toBeLessThan(model.roundTripMs * 1.5);
  });

  test("tells each side when the other breaks off", async () => {
    const arrived = new Promise<net.Socket>((resolve) => {
      toServer = resolve;
    });
    const socket = dial();
    socket.write("x");
    const far = await arrived;
    far.resume();
    socket.resetAndDestroy();
    await new Promise((closed) => far.once("close", closed));
  });

  test("breaks off when the server is not there", async () => {
    const gone = net.createServer();
    const port = await listening(gone);
    await new Promise((closed) => gone.close(closed));
    const lonely = await openTcpProxy({ host, target: { host, port }, model });
    defer(lonely, () => lonely.close());
    const socket = net.connect({ host, port: lonely.port });
    await new Promise((closed) => socket.on("error", () => {}).once("close", closed));
  });
});

describe("an object store's front", () => {
  const model = {
    kind: "object-store",
    firstByteMs: 80,
    connectionBytesPerSecond: 4e6,
    writesPerSecond: 50,
    readsPerSecond: 100,
    requestBurstSeconds: 0.2,
  } as const;
  const object = randomBytes(model.connectionBytesPerSecond * seconds);
  let proxy: ShapingProxy;
  let agent: http.Agent;
  let answer: (request: http.IncomingMessage, body: Buffer, response: http.ServerResponse) => void;
  beforeEach(async () => {
    const server = http.createServer(async (request, response) => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      answer(request, Buffer.concat(body), response);
    });
    const port = await listening(defer(server, () => server.closeAllConnections() ?? server.close()));
    proxy = await openObjectProxy({ host, target: { host, port }, model });
    defer(proxy, () => proxy.close());
    agent = defer(new http.Agent({ keepAlive: true }), (each) => each.destroy());
  });

  interface Got {
    readonly status: number;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: Buffer;
    readonly firstMs: number;
    readonly totalMs: number;
  }

  async function ask(method: string, path: string, body?: Buffer, headers = {}): Promise<Got> {
    const request = http.request({ host, port: proxy.port, method, path, headers, agent });
    const begin = performance.now();
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    const firstMs = performance.now() - begin;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const totalMs = performance.now() - begin;
    const { statusCode: status, headers: got } = response;
    return { status: status!, headers: got, body: Buffer.concat(chunks), firstMs, totalMs };
  }

  /** Two transfers at once, each on a connection of its own: the rate of the slower one. */
  const slower = async (ask: () => Promise<Got>): Promise<number> => {
    const [one, other] = await Promise.all([ask(), ask()]);
    return (object.length * 1000) / (Math.max(one.totalMs, other.totalMs) - model.firstByteMs);
  };

  test("lets bodies through as they are, each connection at its rate, whatever the others do", async () => {
    let stored: Buffer = Buffer.alloc(0);
    answer = ({ method }, body, response) => {
      if (method === "PUT") stored = body;
      response.end(method === "GET" ? stored : "");
    };
    await keepsRate(model.connectionBytesPerSecond, () => slower(() => ask("PUT", "/bucket/a", object)));
    expect(stored.equals(object)).toBe(true);
    await keepsRate(model.connectionBytesPerSecond, () =>
      slower(async () => {
        const got = await ask("GET", "/bucket/a");
        expect(got.body.equals(object)).toBe(true);
        return got;
      }),
    );
    const { reads, writes, upBytes, downBytes } = proxy.counts();
    expect([upBytes, downBytes]).toEqual([writes! * object.length, reads! * object.length]);
  });

  test("holds the first byte of an answer back, and no longer", async () => {
    answer = (_, __, response) => response.end("answer");
    const got = [await ask("GET", "/b/o"), await ask("GET", "/b/o"), await ask("GET", "/b/o")];
    for (const { firstMs } of got) expect(firstMs).toBeGreaterThanOrEqual(model.firstByteMs);
    expect(Math.min(...got.map(({ firstMs }) => firstMs))).toBeLessThan(model.firstByteMs * 1.5);
  });

  test("changes nothing that a signature covers, nor what comes back", async () => {
    const secret = "a key";
    const sign = (parts: readonly (string | undefined)[]) =>
      createHmac("sha256", secret).update(parts.join("\n")).digest("hex");
    answer = ({ method, url, headers }, body, response) => {
      const own = sign([method, url, headers.host, String(headers["x-amz-date"]), body.toString()]);
      response.writeHead(own === headers.authorization ? 206 : 403, {
        ETag: '"abc"',
        "Content-Range": "bytes 0-3/10",
        "x-amz-meta-mixed-Case": "Kept",
      });
      response.end("four");
    };
    const path = "/bucket/a%2Fb%20c?partNumber=1&uploadId=x%2By";
    const date = "20260101T000000Z";
    const hostHeader = `${host}:${proxy.port}`;
    const authorization = sign(["PUT", path, hostHeader, date, "the body"]);
    const got = await ask("PUT", path, Buffer.from("the body"), { authorization, "x-amz-date": date });
    expect(got.status).toBe(206);
    expect(got.headers).toMatchObject({
      etag: '"abc"',
      "content-range": "bytes 0-3/10",
      "x-amz-meta-mixed-case": "Kept",
    });
    expect(got.body.toString()).toBe("four");
  });

  test("tells requests beyond its rate to slow down, and counts them", async () => {
    let reached = 0;
    answer = (_, __, response) => {
      reached += 1;
      response.end();
    };
    const got = await Promise.all(Array.from({ length: 40 }, () => ask("PUT", "/b/o", Buffer.from("x"))));
    const refused = got.filter(({ status }) => status === 503);
    // Ten at once, and what a slow machine's sending gives time for.
    expect(refused.length).toBeGreaterThan(0);
    expect(reached).toBeGreaterThanOrEqual(10);
    expect(reached + refused.length).toBe(40);
    expect(refused[0]!.body.toString()).toContain("<Code>SlowDown</Code>");
    expect(proxy.counts()).toMatchObject({ writes: 40, refusedWrites: refused.length });
  });

  test("breaks off for the client when the store breaks off", async () => {
    answer = (_, __, response) => void response.write("half", () => response.destroy());
    await expect(ask("GET", "/b/o")).rejects.toThrow();
  });
});
