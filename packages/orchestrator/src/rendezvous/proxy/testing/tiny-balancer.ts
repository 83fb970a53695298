// A TCP balancer of a few lines: takes connections and passes them on behind a header that says whom it connects.

import type { Endpoint, Net, Socket } from "@fnmesh/core/internal";
import { remoteEndpoint } from "../../address.ts";

export interface TinyBalancer {
  readonly port: number;
  /** Whom it has connected. */
  readonly clients: readonly Endpoint[];
  close(): Promise<void>;
}

export interface TinyBalancerOptions {
  readonly net: Net;
  readonly listen: Endpoint;
  readonly target: Endpoint;
  readonly header: (client: Endpoint) => Uint8Array;
  /** Sends nothing, the header included, before the client does: as AWS's balancer is set by default. */
  readonly afterClient?: boolean;
}

export async function tinyBalancer(options: TinyBalancerOptions): Promise<TinyBalancer> {
  const { net, listen, target, header, afterClient = false } = options;
  const open = new Set<Socket>();
  const clients: Endpoint[] = [];
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {}); // "close" follows, which ends the other side too.
    socket.once("close", () => open.delete(socket));
  };
  const connect = async (client: Socket): Promise<void> => {
    keep(client);
    const from = remoteEndpoint(client);
    const behind = await net.dial({ host: target.host, port: target.port });
    keep(behind);
    if (from === undefined || client.destroyed) return void behind.destroy();
    clients.push(from);
    let told = false;
    const tell = () => {
      if (!told) behind.write(header(from));
      told = true;
    };
    if (!afterClient) tell();
    client.on("data", (bytes) => {
      tell();
      behind.write(bytes);
    });
    behind.on("data", (bytes) => client.write(bytes));
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      one.once("end", () => other.end());
      one.once("close", () => other.end());
    }
  };
  const listener = await net.listen({ ...listen, onConnection: (client) => void connect(client) });
  return {
    port: listener.port,
    clients,
    close: async () => {
      const closed = listener.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
