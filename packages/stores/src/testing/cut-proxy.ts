// A TCP proxy in front of a store's server, whose connections a test can break.

import { once } from "node:events";
import net from "node:net";

export interface CutProxy {
  readonly port: number;
  /** Bytes that went to the server. */
  readonly sentBytes: number;
  /** Breaks all connections; new ones are made. */
  cut(): void;
  /** Breaks all connections, and each new one. */
  refuse(): void;
  accept(): void;
  /** Nothing passes in either direction until `accept`; connections stay. */
  stall(): void;
  close(): Promise<void>;
}

export async function startCutProxy(serverPort: number): Promise<CutProxy> {
  const pairs = new Set<readonly [net.Socket, net.Socket]>();
  let refusing = false;
  let stalled = false;
  let sentBytes = 0;
  const cut = () => {
    for (const [client, server] of pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
    pairs.clear();
  };
  const listener = net.createServer({ noDelay: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = net.connect({ port: serverPort, host: "127.0.0.1", noDelay: true });
    const pair = [client, server] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    client.on("data", (bytes: Buffer) => {
      sentBytes += bytes.length;
    });
    client.pipe(server);
    server.pipe(client);
    if (stalled) for (const socket of pair) socket.pause();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as net.AddressInfo).port,
    get sentBytes() {
      return sentBytes;
    },
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    accept() {
      refusing = false;
      stalled = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    stall() {
      stalled = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    async close() {
      cut();
      listener.close();
      await once(listener, "close");
    },
  };
}
