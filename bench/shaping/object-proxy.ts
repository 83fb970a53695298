// An object store's front, before a real one: an HTTP proxy that lets through so many requests a second and tells the
// rest to slow down, holds every answer's first byte back, and gives each connection its rate. Bodies pass through as
// they come, and heads as they were, so that signatures stay valid.

import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { pipeline } from "node:stream/promises";
import { type Clock, nodeClock } from "@fnmesh/core/internal";
import type { ObjectStoreModel } from "./models.ts";
import { ObjectFront } from "./object-front.ts";
import { counted, overWay } from "./over-way.ts";
import type { ProxyAddress, ShapingProxy } from "./proxy.ts";
import { until } from "./waiting.ts";
import type { Way } from "./way.ts";

export interface ObjectProxyOptions extends ProxyAddress {
  readonly model: ObjectStoreModel;
  readonly clock?: Clock;
}

type Connection = { readonly up: Way; readonly down: Way };

export async function openObjectProxy(options: ObjectProxyOptions): Promise<ShapingProxy> {
  const { model, clock = nodeClock, host, target } = options;
  const front = new ObjectFront(model);
  // Idle connections go before the store ends them, which would break off the next request.
  const agent = new http.Agent({ keepAlive: true, timeout: 5_000 });
  const connections = new WeakMap<net.Socket, Connection>();
  const counts = { connections: 0, upBytes: 0, downBytes: 0, answersLate: 0, lateMs: 0 };

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { up, down } = connections.get(request.socket)!;
    const countUp = counted((bytes) => (counts.upBytes += bytes));
    if (!front.admits(request.method!, clock.now())) {
      // Refused once the body is in: a client that still writes would miss the answer.
      for await (const chunk of overWay(up, clock)(request)) void chunk;
      await until(clock, front.firstByteAt(clock.now()));
      return slowDown(response);
    }
    const onward = http.request({
      ...target,
      agent,
      method: request.method!,
      path: request.url!,
      headers: request.rawHeaders as unknown as http.OutgoingHttpHeaders,
    });
    response.once("close", () => response.writableFinished || onward.destroy());
    const answered = once(onward, "response") as Promise<[http.IncomingMessage]>;
    answered.catch(() => {}); // Whoever fails first below is told of.
    // A store that refuses before it has read all answers all the same.
    await pipeline(request, overWay(up, clock), countUp, onward).catch(() => answered);
    const dueAt = front.firstByteAt(clock.now());
    const [answer] = await answered;
    const lateMs = clock.now() - dueAt;
    if (lateMs > 0) {
      counts.answersLate += 1;
      counts.lateMs += lateMs;
    }
    await until(clock, dueAt);
    response.sendDate = false;
    response.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
    await pipeline(
      answer,
      overWay(down, clock),
      counted((bytes) => (counts.downBytes += bytes)),
      response,
    );
  };

  const server = http.createServer({
    noDelay: true,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
  });
  server.on("connection", (socket) => {
    counts.connections += 1;
    connections.set(socket, front.connection());
  });
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse) =>
    // The real store, or the client, broke it off in the middle: so does this.
    void answer(request, response).catch(() => request.socket.destroy());
  server.on("request", onRequest);
  // The real store's consent comes for itself; the body's way is the same.
  server.on("checkContinue", (request: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeContinue();
    onRequest(request, response);
  });
  server.listen({ host, port: options.port ?? 0, backlog: 1024 });
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    counts: () => ({ ...counts, ...front.counts }),
    async close() {
      agent.destroy();
      server.closeAllConnections();
      if (server.listening) await new Promise((closed) => server.close(closed));
    },
  };
}

/** As S3 says it. */
function slowDown(response: http.ServerResponse): void {
  const body =
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
  response.writeHead(503, "Slow Down", { "Content-Type": "application/xml", "Content-Length": body.length });
  response.end(body);
}
