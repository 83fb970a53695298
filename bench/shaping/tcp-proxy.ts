// A server's line, in front of it: a TCP proxy through which all its connections share one rate each way, and every
// byte takes its latency. It passes bytes on and knows nothing of them.

import { once } from "node:events";
import net from "node:net";
import { pipeline } from "node:stream/promises";
import { type Clock, nodeClock } from "@fnmesh/core/internal";
import type { LineModel } from "./models.ts";
import { counted, overWay } from "./over-way.ts";
import type { ProxyAddress, ShapingProxy } from "./proxy.ts";
import { until } from "./waiting.ts";
import { Way } from "./way.ts";

export interface TcpProxyOptions extends ProxyAddress {
  readonly model: LineModel;
  readonly clock?: Clock;
}

export async function openTcpProxy(options: TcpProxyOptions): Promise<ShapingProxy> {
  const { model, clock = nodeClock, host, target } = options;
  const way = () => new Way({ bytesPerSecond: model.bitsPerSecond / 8, latencyMs: model.roundTripMs / 2 });
  const ways = { up: way(), down: way() };
  const sockets = new Set<net.Socket>();
  const counts = { connections: 0, upBytes: 0, downBytes: 0 };
  const countUp = counted((bytes) => {
    counts.upBytes += bytes;
  });
  const countDown = counted((bytes) => {
    counts.downBytes += bytes;
  });

  const serve = async (client: net.Socket) => {
    counts.connections += 1;
    const server = net.connect({ ...target, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, server]) hold(socket, sockets);
    try {
      // What a connection's making costs: the client's first bytes follow its SYN by a round trip.
      await Promise.all([once(server, "connect"), until(clock, clock.now() + model.roundTripMs)]);
      if (client.destroyed) throw new Error("the client has gone");
      await Promise.all([
        pipeline(incoming(client), overWay(ways.up, clock), countUp, server),
        pipeline(incoming(server), overWay(ways.down, clock), countDown, client),
      ]);
    } catch {
      // Either side broke it off: for the other it ends the same way.
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  };

  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => void serve(client));
  server.listen({ host, port: options.port ?? 0, backlog: 1024 });
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    counts: () => ({ ...counts }),
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((closed) => server.close(closed));
    },
  };
}

/** What comes in by a socket; its end is not the end of the other way. */
const incoming = (socket: net.Socket) => socket.iterator({ destroyOnReturn: false });

function hold(socket: net.Socket, sockets: Set<net.Socket>): void {
  sockets.add(socket);
  socket.on("error", () => {}).once("close", () => sockets.delete(socket));
}
