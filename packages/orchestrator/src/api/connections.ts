// Ends a server's connections: at once those without a request, the others as soon as their answer is out. Node's
// closeIdleConnections leaves connections alone on which nothing was ever sent, and clients open some in advance.

import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** Resolves when all are closed; those that still answer after `graceMs` are cut. */
  close(graceMs: number): Promise<void>;
}

export function trackConnections(server: Server): Connections {
  /** Requests under way on each. */
  const requests = new Map<Socket, number>();
  let closing = false;

  const change = (socket: Socket, by: number): void => {
    const count = (requests.get(socket) ?? 0) + by;
    if (closing && count === 0) socket.destroySoon();
    else if (requests.has(socket)) requests.set(socket, count);
  };
  server.on("connection", (socket) => {
    requests.set(socket, 0);
    socket.once("close", () => requests.delete(socket));
  });
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
        for (const socket of requests.keys()) change(socket, 0);
      }),
  };
}
