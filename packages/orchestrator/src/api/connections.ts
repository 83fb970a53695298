// Ends a server's connections: at once those without a request, the others as soon as their answer is out. Node's
// closeIdleConnections leaves connections alone on which nothing was ever sent, and clients open some in advance.

import type { Server } from "node:http";
import type { Socket } from "node:net";
import { Server as TlsServer } from "node:tls";

export interface Connections {
  /** Resolves when all are closed; those that still answer after `graceMs` are cut. */
  close(graceMs: number): Promise<void>;
}

export function trackConnections(server: Server): Connections {
  /** Requests under way on each. */
  const requests = new Map<Socket, number>();
  /** Those that TLS has not let in yet, by the client's end: the socket of its requests is another object. */
  const shaking = new Map<string, Socket>();
  const clientOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  let closing = false;

  const change = (socket: Socket, by: number): void => {
    const count = (requests.get(socket) ?? 0) + by;
    if (closing && count === 0) socket.destroySoon();
    else if (requests.has(socket)) requests.set(socket, count);
  };
  const opened = (socket: Socket): void => {
    requests.set(socket, 0);
    socket.once("close", () => requests.delete(socket));
    if (closing) change(socket, 0);
  };
  if (server instanceof TlsServer) {
    server.on("connection", (socket: Socket) => {
      const client = clientOf(socket);
      shaking.set(client, socket);
      socket.once("close", () => {
        if (shaking.get(client) === socket) shaking.delete(client);
      });
    });
    server.on("secureConnection", (socket) => {
      shaking.delete(clientOf(socket));
      opened(socket);
    });
  } else server.on("connection", opened);
  server.on("request", (request, response) => {
    change(request.socket, 1);
    response.once("close", () => change(request.socket, -1));
  });

  return {
    close: (graceMs) =>
      new Promise((resolve) => {
        closing = true;
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        for (const socket of shaking.values()) socket.destroy();
        for (const socket of requests.keys()) change(socket, 0);
      }),
  };
}
